//! The compute devices that the crate runs on.
//!
//! The device is passed to everything that makes tensors: Burn's own default would prefer WebGPU
//! over the CPU wherever both are compiled in.

use burn::tensor::{Device, Tensor};

use crate::error::Error;

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

/// `count` devices to train on, of the fastest kind compiled in. On the CPU, all entries are the
/// same device and share its cores.
///
/// # Errors
/// If the machine has fewer than `count` GPUs.
#[cfg(feature = "training")]
pub fn fastest(count: usize) -> anyhow::Result<Vec<Device>> {
    cfg_select! {
        feature = "cuda" => gpus(burn::tensor::DeviceType::Cuda, count),
        feature = "vulkan" => gpus(burn::tensor::DeviceType::Vulkan, count),
        feature = "metal" => gpus(burn::tensor::DeviceType::Metal, count),
        feature = "libtorch" => Ok(vec![Device::libtorch(); count]),
        _ => Ok(vec![cpu(); count]),
    }
}

#[cfg(any(feature = "cuda", feature = "vulkan", feature = "metal"))]
fn gpus(kind: burn::tensor::DeviceType, count: usize) -> anyhow::Result<Vec<Device>> {
    let mut devices = Device::enumerate(kind).into_vec();
    let found = devices.len();
    anyhow::ensure!(
        found >= count,
        "{count} GPUs were asked for but this machine has {found} that can be used"
    );
    devices.truncate(count);
    Ok(devices)
}

/// The browser's WebGPU device. Call this once: the runtime cannot be initialised twice.
///
/// # Errors
/// [`Error::WebGpuUnavailable`] if the browser has no adapter or this build has no WebGPU backend.
#[cfg(target_arch = "wasm32")]
pub async fn webgpu() -> Result<Device, Error> {
    #[cfg(feature = "webgpu")]
    return Device::wgpu_options()
        .init_async()
        .await
        .map_err(|error| Error::WebGpuUnavailable(error.to_string()));
    #[cfg(not(feature = "webgpu"))]
    Err(Error::WebGpuUnavailable("this is the CPU build".into()))
}

/// A network on a device.
#[derive(Debug)]
pub(crate) struct Loaded<N, F> {
    pub network: N,
    /// The same network on the fused [`kernels`](crate::kernels), if the device is the CPU and the
    /// network has a fused form.
    pub fused: Option<F>,
    pub device: Device,
}

impl<N, F> Loaded<N, F> {
    /// `network`, which is on `device`; `fuse` makes its fused form.
    pub fn new(network: N, device: &Device, fuse: impl FnOnce(&N) -> Option<F>) -> Self {
        let on_cpu = *device == cpu();
        Self {
            fused: on_cpu.then(|| fuse(&network)).flatten(),
            network,
            device: device.clone(),
        }
    }

    /// The same network in plain Burn: the reference that the kernels are compared with.
    pub fn without_kernels(self) -> Self {
        Self {
            fused: None,
            ..self
        }
    }
}

/// The values of a tensor, row by row.
///
/// # Errors
/// [`Error::Backend`] if the device fails.
pub(crate) async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Error> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| Error::Backend(format!("{error:?}")))?;
    Ok(data.iter::<f32>().collect())
}

/// The values of a tensor on the CPU; `None` if they are not `f32`.
pub(crate) fn values<const D: usize>(tensor: burn::tensor::Tensor<D>) -> Option<Vec<f32>> {
    tensor.into_data().try_to_vec().ok()
}
