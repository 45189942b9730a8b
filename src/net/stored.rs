//! The values of tensors in safetensors files.

use burn::tensor::f16;
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// The values of a tensor in f16 or f32; `None` for other types.
pub(crate) fn values(tensor: &TensorView) -> Option<Vec<f32>> {
    let data = tensor.data();
    match tensor.dtype() {
        Dtype::F16 => {
            let halves = data.chunks_exact(2);
            Some(
                halves
                    .map(|b| f16::from_le_bytes([b[0], b[1]]).to_f32())
                    .collect(),
            )
        }
        Dtype::F32 => {
            let floats = data.chunks_exact(4);
            Some(
                floats
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect(),
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f16_and_f32_are_read() {
        let read = |kind, count: usize, bytes: &[u8]| {
            values(&TensorView::new(kind, vec![count], bytes).unwrap())
        };
        let halves = read(Dtype::F16, 2, &[0, 0x3c, 0, 0xc0]);
        assert_eq!(halves, Some(vec![1.0, -2.0]));
        assert_eq!(read(Dtype::F32, 1, &1.5f32.to_le_bytes()), Some(vec![1.5]));
        assert_eq!(read(Dtype::U8, 2, &[1, 2]), None);
    }
}
