//! The learning rate over a run: linear warm-up, then half a cosine down to a hundredth (Goyal et
//! al., 2017, section 2.2; Loshchilov and Hutter, "SGDR", 2017, without restarts).

use std::f64::consts::PI;

/// Learning rate at a point of the run.
///
/// `progress` is the share of the run that is done, in `[0, 1]`; `warm_up` the share spent
/// warming up, in `[0, 1)`.
pub fn learning_rate(peak: f64, warm_up: f64, progress: f64) -> f64 {
    const FLOOR: f64 = 0.01;
    let progress = progress.clamp(0.0, 1.0);
    if progress < warm_up {
        return peak * (progress / warm_up).max(FLOOR);
    }
    let decay = (progress - warm_up) / (1.0 - warm_up);
    peak * (FLOOR + (1.0 - FLOOR) * 0.5 * (1.0 + (PI * decay).cos()))
}

#[cfg(test)]
mod tests {
    use super::learning_rate;

    #[test]
    fn rises_to_the_peak_and_falls_to_the_floor() {
        assert_eq!(learning_rate(1.0, 0.1, 0.05), 0.5);
        assert!((learning_rate(1.0, 0.1, 0.1) - 1.0).abs() < 1e-12);
        assert!((learning_rate(1.0, 0.1, 0.55) - 0.505).abs() < 1e-12);
        assert!((learning_rate(1.0, 0.1, 1.0) - 0.01).abs() < 1e-12);
        assert!((learning_rate(1.0, 0.0, 0.0) - 1.0).abs() < 1e-12);
    }
}
