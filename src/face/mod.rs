//! Faces in an image: found, measured, aligned.
