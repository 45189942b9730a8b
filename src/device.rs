//! The compute devices that the crate runs on.
//!
//! The device is passed to everything that makes tensors: Burn's own default would prefer WebGPU
//! over the CPU wherever both are compiled in.

use burn::tensor::Device;

/// The CPU backend: burn-flex, or burn-ndarray with the feature `ndarray`.
#[cfg_attr(
    feature = "ndarray",
    expect(deprecated, reason = "kept as long as Burn has it")
)]
pub fn cpu() -> Device {
    #[cfg(feature = "ndarray")]
    return Device::ndarray();
    #[cfg(not(feature = "ndarray"))]
    return Device::flex();
}

/// The device that the program trains on: the fastest of those compiled in.
#[cfg(feature = "native")]
pub fn fastest() -> Device {
    cfg_select! {
        feature = "cuda" => Device::cuda(0),
        feature = "vulkan" => Device::vulkan(Default::default()),
        feature = "metal" => Device::metal(Default::default()),
        feature = "libtorch" => Device::libtorch(),
        _ => cpu(),
    }
}

/// The browser's WebGPU device. To be called once: the runtime behind it cannot be set up twice.
///
/// # Errors
/// [`Error::WebGpuUnavailable`](crate::Error::WebGpuUnavailable) where the browser has no adapter,
/// or this build no WebGPU backend.
#[cfg(target_arch = "wasm32")]
pub async fn webgpu() -> Result<Device, crate::Error> {
    #[cfg(feature = "webgpu")]
    return Device::wgpu_options()
        .init_async()
        .await
        .map_err(|error| crate::Error::WebGpuUnavailable(error.to_string()));
    #[cfg(not(feature = "webgpu"))]
    Err(crate::Error::WebGpuUnavailable(
        "this is the CPU build".into(),
    ))
}
