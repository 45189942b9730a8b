//! Forward and backward pass of batch normalisation and the following activation, on channels-last
//! features (Ioffe and Szegedy, "Batch normalization", 2015, section 3).

use pulp::Arch;

use super::conv::Channels;

/// The totals of sums over several groups of images, `[channels]` each.
pub fn total<const N: usize>(parts: &[[Vec<f32>; N]]) -> [Vec<f64>; N] {
    std::array::from_fn(|i| {
        let channels = parts.first().map_or(0, |part| part[i].len());
        let sum = |channel: usize| parts.iter().map(|part| f64::from(part[i][channel])).sum();
        (0..channels).map(sum).collect()
    })
}

/// The sums of values and of their squares, `[channels]` each, over features `[pixels, channels]`.
pub fn moments(features: &[f32], channels: usize) -> [Vec<f32>; 2] {
    let (mut sums, mut squares) = (vec![0.0; channels], vec![0.0; channels]);
    Arch::new().dispatch(|| {
        for pixel in features.chunks_exact(channels) {
            for ((sum, square), &value) in sums.iter_mut().zip(&mut squares).zip(pixel) {
                *sum += value;
                *square += value * value;
            }
        }
    });
    [sums, squares]
}

/// A channel's normalisation as `scale * x + shift`, and the slope of negative values.
pub struct Affine<'a> {
    /// Scale, `[channels]`.
    pub scale: &'a [f32],
    /// Shift, `[channels]`.
    pub shift: &'a [f32],
    /// Slope of negative values, `[channels]`.
    pub slope: &'a [f32],
}

impl Affine<'_> {
    /// Normalises `sums`, `[pixels, channels]`, adds `residual` if there is one, activates, and
    /// writes to the channels `to` of `output`.
    pub fn activate(
        &self,
        sums: &[f32],
        residual: Option<(&[f32], Channels)>,
        output: &mut [f32],
        to: Channels,
    ) {
        let Self {
            scale,
            shift,
            slope,
        } = *self;
        Arch::new().dispatch(|| {
            for (pixel, sums) in sums.chunks_exact(to.count).enumerate() {
                let output = to.row_mut(output, pixel);
                let constants = scale.iter().zip(shift);
                for ((out, &sum), (&scale, &shift)) in output.iter_mut().zip(sums).zip(constants) {
                    *out = scale * sum + shift;
                }
                if let Some((features, from)) = residual {
                    for (out, &residual) in output.iter_mut().zip(from.row(features, pixel)) {
                        *out += residual;
                    }
                }
                for (out, &slope) in output.iter_mut().zip(slope) {
                    *out = out.max(0.0) + slope * out.min(0.0);
                }
            }
        });
    }

    /// The backward pass of the activation. `given` holds the gradient with respect to the output,
    /// in the channels `to`. Writes the gradient with respect to the normalised sums to `gradient`,
    /// `[pixels, channels]`. Returns three vectors, `[channels]` each: the sums over pixels of this
    /// gradient, of its products with `sums`, and the gradient with respect to the slope.
    pub fn activate_back(
        &self,
        sums: &[f32],
        residual: Option<(&[f32], Channels)>,
        (given, to): (&[f32], Channels),
        gradient: &mut [f32],
    ) -> [Vec<f32>; 3] {
        let Self {
            scale,
            shift,
            slope,
        } = *self;
        let mut totals: [Vec<f32>; 3] = std::array::from_fn(|_| vec![0.0; to.count]);
        let mut before = vec![0.0; to.count];
        let [total, products, slopes] = &mut totals;
        Arch::new().dispatch(|| {
            let pixels = sums
                .chunks_exact(to.count)
                .zip(gradient.chunks_exact_mut(to.count));
            for (pixel, (sums, gradient)) in pixels.enumerate() {
                let constants = scale.iter().zip(shift);
                for ((before, &sum), (&scale, &shift)) in before.iter_mut().zip(sums).zip(constants)
                {
                    *before = scale * sum + shift;
                }
                if let Some((features, from)) = residual {
                    for (before, &residual) in before.iter_mut().zip(from.row(features, pixel)) {
                        *before += residual;
                    }
                }
                let given = to.row(given, pixel);
                for (((gradient, &given), &before), &slope) in
                    gradient.iter_mut().zip(given).zip(&before).zip(slope)
                {
                    *gradient = given * if before > 0.0 { 1.0 } else { slope };
                }
                for ((slopes, &given), &before) in slopes.iter_mut().zip(given).zip(&before) {
                    *slopes += given * before.min(0.0);
                }
                let totals = total.iter_mut().zip(products.iter_mut());
                for ((total, product), (&gradient, &sum)) in totals.zip(gradient.iter().zip(sums)) {
                    *total += gradient;
                    *product += gradient * sum;
                }
            }
        });
        totals
    }
}

/// The backward pass of the normalisation: `gradient = a * gradient + b * sums + c` for each
/// channel of `[pixels, channels]`.
pub fn normalise_back(gradient: &mut [f32], sums: &[f32], [a, b, c]: [&[f32]; 3]) {
    let channels = a.len();
    Arch::new().dispatch(|| {
        let pixels = gradient
            .chunks_exact_mut(channels)
            .zip(sums.chunks_exact(channels));
        for (gradient, sums) in pixels {
            let constants = a.iter().zip(b).zip(c);
            for ((gradient, &sum), ((&a, &b), &c)) in gradient.iter_mut().zip(sums).zip(constants) {
                *gradient = a * *gradient + b * sum + c;
            }
        }
    });
}

/// `output += gradient` in the channels `to`; `gradient` is `[pixels, channels]`.
pub fn add(gradient: &[f32], output: &mut [f32], to: Channels) {
    Arch::new().dispatch(|| {
        for (pixel, gradient) in gradient.chunks_exact(to.count).enumerate() {
            for (out, &gradient) in to.row_mut(output, pixel).iter_mut().zip(gradient) {
                *out += gradient;
            }
        }
    });
}
