//! The compute devices that the crate runs on.
//!
//! The device is passed to everything that makes tensors: Burn's own default would prefer WebGPU
//! over the CPU wherever both are compiled in.

use burn::tensor::Device;

/// The CPU backend: burn-flex, or burn-ndarray with the feature `ndarray`.
pub fn cpu() -> Device {
    #[cfg(feature = "ndarray")]
    return Device::ndarray();
    #[cfg(not(feature = "ndarray"))]
    return Device::flex();
}
