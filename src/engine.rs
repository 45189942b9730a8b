//! Image in, faces and embeddings out: the one pipeline that page and program call.

/// The detector and the embedding network, loaded on a device.
pub struct Engine {}
