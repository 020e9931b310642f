# Derived from spec/types.rst by `mdevref derive`; edit the spec, not this file.
Feature: device_api

  @types.device-api-names-one @must @management @basis.document
  Rule: types.device-api-names-one
    What device_api shows MUST name the VFIO device API that users of the type's devices get: vfio-pci,
    vfio-platform, vfio-amba, vfio-ccw or vfio-ap.

    The document gives vfio-pci as an example; the others are those that kernels know.

    Scenario: The name of the device API
      Given a type with an instance available
      When "device_api" of the type is read
      Then the text is one of "vfio-pci, vfio-platform, vfio-amba, vfio-ccw, vfio-ap"

  @types.text-ends-line @must @management @basis.kernel
  Rule: types.text-ends-line
    The text of device_api, available_instances and name MUST end with a newline, and have no other.

    Clients read up to the newline, and take what stands before it as it is.

    Scenario Outline: The end of the text of an attribute [<case>]
      Given a type that has "name"
      When "<entry>" of the type is read
      Then the text is one line

      Examples: read-only-attributes
        | case                | entry               |
        | name                | name                |
        | device_api          | device_api          |
        | available_instances | available_instances |
