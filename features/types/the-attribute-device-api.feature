# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: The attribute device_api

  @types.device-api-names-one @must @management @basis.document
  Rule: types.device-api-names-one
    device_api MUST name the VFIO device API of the type's devices: vfio-pci, vfio-platform, vfio-amba,
    vfio-ccw or vfio-ap.

    The document names vfio-pci as an example. The others are the remaining names that kernels use.

    Scenario: The name of the device API
      Given a type with an instance available
      When "device_api" of the type is read
      Then the text is one of "vfio-pci, vfio-platform, vfio-amba, vfio-ccw, vfio-ap"

  @types.text-ends-line @must @management @basis.kernel
  Rule: types.text-ends-line
    The text of device_api, available_instances and name MUST be one line that ends with a newline.

    Clients read up to the newline and use the text before it unchanged.

    Scenario Outline: End of the text of an attribute [<case>]
      Given a type that has "name"
      When "<entry>" of the type is read
      Then the text is one line

      Examples: read-only-attributes
        | case                | entry               |
        | name                | name                |
        | device_api          | device_api          |
        | available_instances | available_instances |
