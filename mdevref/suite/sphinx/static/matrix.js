// The verdict matrix: a form filters the rows; the address stores the filter (#verdict=fail,error&text=uuid).
// It is stored in the fragment and not in the query, because a page from the file system may only change its fragment.
(() => {
  "use strict";
  const form = document.querySelector("form.filter");
  const table = document.querySelector("table.matrix");
  if (!form || !table) return;

  const NAMES = ["verdict", "level", "interface"];
  const chapters = [...table.tBodies].map((body) => ({
    body,
    rows: [...body.querySelectorAll("tr[data-id]")].map((row) => ({
      row,
      verdict: row.dataset.verdict.split(" "),
      level: [row.dataset.level],
      interface: [row.dataset.interface],
      text: row.cells[0].textContent.toLowerCase(),
    })),
  }));
  const total = chapters.reduce((sum, chapter) => sum + chapter.rows.length, 0);
  const clear = form.querySelector("[data-clear]");
  const count = document.getElementById("matrix-count");
  const boxes = (name) => [...form.querySelectorAll(`input[name="${name}"]`)];

  const chosen = () => ({
    ...Object.fromEntries(NAMES.map((name) => [name, boxes(name).filter((box) => box.checked).map((box) => box.value)])),
    text: form.elements.text.value.trim().toLowerCase(),
  });

  const fragment = () => {
    const choice = chosen();
    const parameters = new URLSearchParams();
    for (const name of NAMES) if (choice[name].length) parameters.set(name, choice[name].join(","));
    if (choice.text) parameters.set("text", choice.text);
    return parameters.toString().replaceAll("%2C", ",");
  };

  const apply = () => {
    const choice = chosen();
    let shown = 0;
    for (const { body, rows } of chapters) {
      let here = 0;
      for (const entry of rows) {
        const fits =
          NAMES.every((name) => !choice[name].length || choice[name].some((value) => entry[name].includes(value))) &&
          choice.text.split(/\s+/).every((word) => entry.text.includes(word));
        entry.row.hidden = !fits;
        here += fits;
      }
      body.hidden = !here;
      shown += here;
    }
    const text = shown === total ? `All ${total} requirements` : `${shown} of ${total} requirements`;
    if (count.textContent !== text) count.textContent = text;
    clear.disabled = !fragment();
  };

  const recall = () => {
    const parameters = new URLSearchParams(location.hash.slice(1));
    for (const name of NAMES) {
      const values = (parameters.get(name) ?? "").split(",");
      for (const box of boxes(name)) box.checked = values.includes(box.value);
    }
    form.elements.text.value = parameters.get("text") ?? "";
    apply();
  };

  const changed = () => {
    apply();
    history.replaceState(null, "", `#${fragment()}`);
  };
  form.addEventListener("input", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => {
    form.reset();
    changed();
    form.elements.text.focus();
  });
  window.addEventListener("hashchange", recall);
  form.hidden = false;
  recall();
})();
