// The coverage page: a form selects the target whose verdicts are shown; the address stores the choice (#target=vm:6.1).
(() => {
  "use strict";
  const form = document.querySelector("form[data-coverage]");
  if (!form) return;

  const words = [...document.querySelectorAll("[data-verdicts]")].map((word) => ({
    word,
    verdicts: word.dataset.verdicts.split(" "),
  }));
  const boxes = [...form.elements.target];

  const apply = () => {
    const index = boxes.find((box) => box.checked).dataset.index;
    for (const { word, verdicts } of words) {
      word.className = `verdict v-${verdicts[index]}`;
      word.textContent = verdicts[index].replaceAll("-", " ");
    }
  };

  const recall = () => {
    const parameters = new URLSearchParams(location.hash.slice(1));
    const box = boxes.find((each) => each.value === parameters.get("target"));
    if (box) box.checked = true;
    apply();
  };

  form.addEventListener("change", () => {
    apply();
    history.replaceState(null, "", `#${new URLSearchParams({ target: form.elements.target.value })}`);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", recall);
  form.hidden = false;
  recall();
})();
