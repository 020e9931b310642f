// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The scripted vendor driver for kernels on which a vendor driver is a driver of the mdev bus (6.1 and later). Creating
 * a device probes it, and the core creates the attributes of the types. The remove callback returns nothing, so a
 * vendor driver cannot refuse a removal.
 */
#include "scripted.h"
#include <linux/mdev.h>
#include <linux/vfio.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#include <linux/iommufd.h>
#endif

struct scripted {
	struct vfio_device vdev;
};

static void scripted_release(struct vfio_device *vdev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	vfio_free_device(vdev); /* later kernels do this in the core */
#endif
}

static long scripted_ioctl(struct vfio_device *vdev, unsigned int request, unsigned long argument)
{
	return -ENOTTY;
}

static const struct vfio_device_ops operations = {
	.name = NAME,
	.release = scripted_release,
	.ioctl = scripted_ioctl,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

static int scripted_probe(struct mdev_device *mdev)
{
	struct device *device = mdev_dev(mdev);
	struct scripted *scripted;
	int error;

	error = enter(CREATE, dev_name(device));
	if (!error)
		error = enter(PROBE, dev_name(device));
	if (error)
		return error;
	scripted = vfio_alloc_device(scripted, vdev, device, &operations);
	if (IS_ERR(scripted))
		return PTR_ERR(scripted);
	error = vfio_register_emulated_iommu_dev(&scripted->vdev);
	if (error)
		vfio_put_device(&scripted->vdev);
	else
		dev_set_drvdata(device, scripted);
	return error;
}

static void scripted_remove(struct mdev_device *mdev)
{
	struct scripted *scripted = dev_get_drvdata(mdev_dev(mdev));

	vfio_unregister_group_dev(&scripted->vdev);
	enter(REMOVE, dev_name(mdev_dev(mdev)));
	vfio_put_device(&scripted->vdev);
}

static ssize_t show_description(struct mdev_type *type, char *buffer)
{
	return sprintf(buffer, "a scripted device, %s\n", type->sysfs_name);
}

static struct mdev_type plain = { .sysfs_name = "plain", .pretty_name = "Scripted plain" };
static struct mdev_type fancy = { .sysfs_name = "fancy", .pretty_name = "Scripted fancy" };
static struct mdev_type *types[] = { &plain, &fancy };
static struct mdev_parent parent;

static struct mdev_driver driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.max_instances = INSTANCES,
	.driver = {
		.name = NAME,
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = vendor_groups,
	},
	.probe = scripted_probe,
	.remove = scripted_remove,
	.show_description = show_description,
};

static int __init scripted_init(void)
{
	int error;

	if (goes_without("name"))
		plain.pretty_name = fancy.pretty_name = NULL;
	if (goes_without("description"))
		driver.show_description = NULL;
	error = mdev_register_driver(&driver);
	if (error)
		return error;
	error = make_parent();
	if (error)
		goto unregister_driver;
	error = mdev_register_parent(&parent, parent_device, &driver, types, ARRAY_SIZE(types));
	if (error)
		goto drop;
	return 0;
drop:
	drop_parent();
unregister_driver:
	mdev_unregister_driver(&driver);
	return error;
}

static void __exit scripted_exit(void)
{
	mdev_unregister_parent(&parent);
	mdev_unregister_driver(&driver);
	drop_parent();
}

module_init(scripted_init);
module_exit(scripted_exit);
