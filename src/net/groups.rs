//! Divides a batch among threads in training.

/// A batch of images, divided into up to eight groups. A thread takes one group at a time.
#[derive(Clone, Copy)]
pub struct Groups {
    /// Images in the batch.
    pub images: usize,
}

impl Groups {
    /// Length of a group's part of `values`, which has the same number of values for each image.
    pub fn size(self, values: &[f32]) -> usize {
        let images = self.images.div_ceil(8).max(1);
        images * (values.len() / self.images)
    }

    /// The part of `values` that belongs to group `index`; the last group may be smaller.
    pub fn part(self, values: &[f32], index: usize) -> &[f32] {
        let size = self.size(values);
        &values[index * size..values.len().min((index + 1) * size)]
    }
}
