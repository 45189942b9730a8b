//! Measurement by the field's protocols.
