//! The native program; see [`facekey::cli`].
fn main() {}
