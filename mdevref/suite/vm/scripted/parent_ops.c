// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The scripted vendor driver for kernels on which a vendor driver registers its callbacks with the parent (5.10). The
 * driver creates the attributes of its types, and the core's bus driver, vfio_mdev, is bound to the devices.
 */
#include "scripted.h"
#include <linux/uuid.h> /* before mdev.h, which needs it but does not include it */
#include <linux/mdev.h>
#include <linux/vfio.h>

static atomic_t used = ATOMIC_INIT(0);

static int scripted_create(struct kobject *type, struct mdev_device *mdev)
{
	int refusal = enter(CREATE, dev_name(mdev_dev(mdev)));

	if (refusal)
		return refusal;
	return atomic_add_unless(&used, 1, INSTANCES) ? 0 : -ENOSPC;
}

static int scripted_remove(struct mdev_device *mdev)
{
	int refusal = enter(REMOVE, dev_name(mdev_dev(mdev)));

	if (!refusal)
		atomic_dec(&used);
	return refusal;
}

static int scripted_open(struct mdev_device *mdev)
{
	return 0;
}

static void scripted_release(struct mdev_device *mdev)
{
}

static long scripted_ioctl(struct mdev_device *mdev, unsigned int request, unsigned long argument)
{
	return -ENOTTY;
}

static ssize_t name_show(struct kobject *type, struct device *device, char *buffer)
{
	return sprintf(buffer, "Scripted %s\n", type->name + strlen(NAME "-"));
}
static MDEV_TYPE_ATTR_RO(name);

static ssize_t description_show(struct kobject *type, struct device *device, char *buffer)
{
	return sprintf(buffer, "a scripted device, %s\n", type->name + strlen(NAME "-"));
}
static MDEV_TYPE_ATTR_RO(description);

static ssize_t device_api_show(struct kobject *type, struct device *device, char *buffer)
{
	return sprintf(buffer, "%s\n", VFIO_DEVICE_API_PCI_STRING);
}
static MDEV_TYPE_ATTR_RO(device_api);

static ssize_t available_instances_show(struct kobject *type, struct device *device, char *buffer)
{
	return sprintf(buffer, "%d\n", INSTANCES - atomic_read(&used));
}
static MDEV_TYPE_ATTR_RO(available_instances);

/* Filled on loading: the core creates a file for each attribute in this array, and ignores is_visible(). */
static struct attribute *type_attributes[5];
static struct attribute_group plain = { .name = "plain", .attrs = type_attributes };
static struct attribute_group fancy = { .name = "fancy", .attrs = type_attributes };
static struct attribute_group *types[] = { &plain, &fancy, NULL };

static const struct mdev_parent_ops operations = {
	.owner = THIS_MODULE,
	.mdev_attr_groups = vendor_groups,
	.supported_type_groups = types,
	.create = scripted_create,
	.remove = scripted_remove,
	.open = scripted_open,
	.release = scripted_release,
	.ioctl = scripted_ioctl,
};

static int __init scripted_init(void)
{
	int i = 0, error;

	if (!goes_without("name"))
		type_attributes[i++] = &mdev_type_attr_name.attr;
	if (!goes_without("description"))
		type_attributes[i++] = &mdev_type_attr_description.attr;
	type_attributes[i++] = &mdev_type_attr_device_api.attr;
	type_attributes[i++] = &mdev_type_attr_available_instances.attr;
	error = make_parent();
	if (error)
		return error;
	error = mdev_register_device(parent_device, &operations);
	if (error)
		drop_parent();
	return error;
}

static void __exit scripted_exit(void)
{
	mdev_unregister_device(parent_device);
	drop_parent();
}

module_init(scripted_init);
module_exit(scripted_exit);
