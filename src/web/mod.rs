//! The wasm-bindgen API.
