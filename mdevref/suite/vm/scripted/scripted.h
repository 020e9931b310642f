/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The part that both variants of the scripted vendor driver share: the parameters by which a test makes callbacks fail
 * or block, and reads the calls. They are module parameters, so that the mediated devices get no extra attributes.
 */
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/version.h>
#include <linux/wait.h>

#define NAME "scripted"
#define INSTANCES 4

enum callback { CREATE, REMOVE, PROBE, CALLBACKS };

static const char *const callback_names[CALLBACKS] = { "create", "remove", "probe" };

static DEFINE_SPINLOCK(lock);
static DECLARE_WAIT_QUEUE_HEAD(released);
static int refusals[CALLBACKS]; /* the errno of each callback, 0 for success */
static bool held[CALLBACKS];
static int inside[CALLBACKS]; /* number of callers that are blocked in a held callback */
static char calls[PAGE_SIZE - 64]; /* a line "create UUID\n" for each call; no test fills the buffer */
static char without[64];

static int which(const char *name)
{
	int i;

	for (i = 0; i < CALLBACKS; i++)
		if (!strcmp(name, callback_names[i]))
			return i;
	return -EINVAL;
}

/* Act as a callback for a device: record the call, block while held, and return 0 or the configured -errno. */
static int enter(enum callback callback, const char *uuid)
{
	int refusal;

	spin_lock(&lock);
	strncat(calls, callback_names[callback], sizeof(calls) - strlen(calls) - 1);
	strncat(calls, " ", sizeof(calls) - strlen(calls) - 1);
	strncat(calls, uuid, sizeof(calls) - strlen(calls) - 1);
	strncat(calls, "\n", sizeof(calls) - strlen(calls) - 1);
	inside[callback] += held[callback];
	spin_unlock(&lock);

	wait_event(released, !READ_ONCE(held[callback]));

	spin_lock(&lock);
	inside[callback] = 0;
	refusal = refusals[callback];
	spin_unlock(&lock);
	return -refusal;
}

static int set_refuse(const char *value, const struct kernel_param *param)
{
	char name[16];
	int errno, callback;

	if (sscanf(value, "%15s %d", name, &errno) != 2)
		return -EINVAL;
	callback = which(name);
	if (callback < 0)
		return callback;
	spin_lock(&lock);
	refusals[callback] = errno;
	spin_unlock(&lock);
	return 0;
}

static int set_held(const char *value, bool hold)
{
	char name[16];
	int callback;

	if (sscanf(value, "%15s", name) != 1)
		return -EINVAL;
	callback = which(name);
	if (callback < 0)
		return callback;
	WRITE_ONCE(held[callback], hold);
	wake_up_all(&released);
	return 0;
}

static int set_hold(const char *value, const struct kernel_param *param)
{
	return set_held(value, true);
}

static int set_release(const char *value, const struct kernel_param *param)
{
	return set_held(value, false);
}

static int get_inside(char *buffer, const struct kernel_param *param)
{
	int i, size = 0;

	spin_lock(&lock);
	for (i = 0; i < CALLBACKS; i++)
		if (inside[i])
			size += sprintf(buffer + size, "%s\n", callback_names[i]);
	spin_unlock(&lock);
	return size;
}

static int get_calls(char *buffer, const struct kernel_param *param)
{
	int size;

	spin_lock(&lock);
	size = sprintf(buffer, "%s", calls);
	spin_unlock(&lock);
	return size;
}

static const struct kernel_param_ops refuse_ops = { .set = set_refuse };
static const struct kernel_param_ops hold_ops = { .set = set_hold };
static const struct kernel_param_ops release_ops = { .set = set_release };
static const struct kernel_param_ops inside_ops = { .get = get_inside };
static const struct kernel_param_ops calls_ops = { .get = get_calls };

module_param_cb(refuse, &refuse_ops, NULL, 0200);
module_param_cb(hold, &hold_ops, NULL, 0200);
module_param_cb(release, &release_ops, NULL, 0200);
module_param_cb(inside, &inside_ops, NULL, 0400);
module_param_cb(calls, &calls_ops, NULL, 0400);
module_param_string(without, without, sizeof(without), 0400);

/* Return whether the types lack an optional attribute: the parameter lists such attributes, separated by commas. */
static bool goes_without(const char *attribute)
{
	const char *found = strstr(without, attribute);
	size_t size = strlen(attribute);

	return found && (found == without || found[-1] == ',') && (!found[size] || found[size] == ',');
}

/* The parent is a device of its own class, so that its driver string is the name of the class. */
static struct class *class;
static struct device *parent_device;

static int make_parent(void)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
	class = class_create(THIS_MODULE, NAME);
#else
	class = class_create(NAME);
#endif
	if (IS_ERR(class))
		return PTR_ERR(class);
	parent_device = device_create(class, NULL, 0, NULL, NAME);
	if (IS_ERR(parent_device)) {
		class_destroy(class);
		return PTR_ERR(parent_device);
	}
	return 0;
}

static void drop_parent(void)
{
	device_unregister(parent_device);
	class_destroy(class);
}

/* The vendor attribute of each mediated device: vendor/note. */
static ssize_t note_show(struct device *device, struct device_attribute *attribute, char *buffer)
{
	return sprintf(buffer, NAME " %s\n", dev_name(device));
}
static DEVICE_ATTR_RO(note);

static struct attribute *vendor_attributes[] = { &dev_attr_note.attr, NULL };
static const struct attribute_group vendor_group = { .name = "vendor", .attrs = vendor_attributes };
static const struct attribute_group *vendor_groups[] = { &vendor_group, NULL };

MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A vendor driver of mediated devices whose callbacks fail and block on request of a test");
