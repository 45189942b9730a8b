//! 3x3 convolutions of stride 1 with a quarter of the multiplications: Winograd's F(4x4, 3x3)
//! (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.3).
//!
//! A tile of 4x4 outputs depends on 6x6 inputs. A transform turns these 36 inputs into 36 values,
//! called places here. Each place is multiplied by its own weights, as in a 1x1 convolution, and
//! another transform turns the 36 products into the 16 outputs.

use pulp::{Arch, Simd, WithSimd};

use super::conv::{
    Channels, Convolution, Finish, Operands, Packed, Taps, ZEROS, finished, lanes, load, panels,
};

/// Side of a tile of outputs, in pixels.
const TILE: usize = 4;
/// Side of the inputs of a tile, in pixels.
const INPUT_SIDE: usize = TILE + 2;
/// Number of places of a tile.
const PLACES: usize = INPUT_SIDE * INPUT_SIDE;
/// Number of tiles that are computed at a time, so that their features stay in the cache.
const TILES_AT_A_TIME: usize = 28;
/// Most values of a register.
const MAX_LANES: usize = 16;

/// Transformed weights of a 3x3 convolution of stride 1, padded by a pixel.
#[derive(Debug, Clone)]
pub struct Winograd {
    /// The weights of each place.
    places: Vec<Packed>,
    /// Side of the input and of the output, in pixels.
    size: usize,
    inputs: usize,
    outputs: usize,
    /// The identity map of tiles, for the 1x1 convolutions.
    tiles: Taps,
}

/// Buffers for the features of the tiles that are computed at a time; they are reused.
#[derive(Debug, Default)]
pub struct Tiles {
    /// Transformed inputs, `[places, tiles, inputs]`; may be longer, with old values at the end.
    inputs: Vec<f32>,
    /// Products, `[places, tiles, outputs]`, likewise.
    products: Vec<f32>,
}

impl Tiles {
    /// Makes the buffers large enough for `count` tiles. Never shrinks them, because growing them
    /// again would write zeros each time.
    fn grow(&mut self, count: usize, inputs: usize, outputs: usize) {
        for (features, channels) in [(&mut self.inputs, inputs), (&mut self.products, outputs)] {
            let size = PLACES * count * channels;
            if features.len() < size {
                features.resize(size, 0.0);
            }
        }
    }
}

impl Winograd {
    /// Transforms the weights `[outputs, inputs, 3, 3]`, for images of side `size`. `None` if the
    /// channels do not fill whole registers.
    pub fn new(size: usize, [inputs, outputs]: [usize; 2], weights: &[f32]) -> Option<Self> {
        let fills = |channels: usize| channels.is_multiple_of(lanes());
        if !fills(inputs) || !fills(outputs) {
            return None;
        }
        let places = Arch::new().dispatch(WeightTransform {
            weights,
            inputs,
            outputs,
        });
        let packed = |values| Packed::pointwise(values, inputs, outputs);
        Some(Self {
            places: places.into_iter().map(packed).collect(),
            size,
            inputs,
            outputs,
            tiles: Taps::new(size.div_ceil(TILE), 1, 1),
        })
    }
}

/// Transforms weights `[outputs, inputs, 3, 3]` into the weights of each place, in the order of
/// [`Packed`].
struct WeightTransform<'a> {
    weights: &'a [f32],
    inputs: usize,
    outputs: usize,
}

impl WithSimd for WeightTransform<'_> {
    type Output = Vec<Vec<f32>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let mut places = vec![vec![0.0; self.inputs * self.outputs]; PLACES];
        let mut next = 0;
        for (first, vectors) in panels(self.outputs, S::F32_LANES) {
            for input in 0..self.inputs {
                for vector in 0..vectors {
                    let mut taps = [[simd.splat_f32s(0.0); 3]; 3];
                    for (tap, value) in taps.as_flattened_mut().iter_mut().enumerate() {
                        let mut lanes = [0.0; MAX_LANES];
                        let lanes = &mut lanes[..S::F32_LANES];
                        for (lane, value) in lanes.iter_mut().enumerate() {
                            let output = first + vector * S::F32_LANES + lane;
                            *value = self.weights[(output * self.inputs + input) * 9 + tap];
                        }
                        *value = load(simd, lanes);
                    }
                    let transformed = transform_square::<S, WeightLine, 3, INPUT_SIDE>(simd, taps);
                    for (place, value) in places.iter_mut().zip(transformed.as_flattened()) {
                        S::as_mut_simd_f32s(place).0[next] = *value;
                    }
                    next += 1;
                }
            }
        }
        places
    }
}

/// `output = finish(convolution(input))` over as many images as `output` holds.
pub struct WinogradConvolution<'a> {
    /// The weights.
    pub weights: &'a Winograd,
    /// Input and output.
    pub operands: Operands<'a>,
    /// Buffers for the transformed features.
    pub tiles: &'a mut Tiles,
}

impl WinogradConvolution<'_> {
    /// Computes the output.
    ///
    /// # Panics
    /// If the lengths of the slices do not fit the size and channels.
    pub fn run(mut self) {
        let Winograd {
            inputs,
            outputs,
            size,
            ..
        } = *self.weights;
        let tiles = self.weights.tiles.pixels_out;
        for image in 0..self.operands.output.len() / (size * size * self.operands.to.width) {
            for first in (0..tiles).step_by(TILES_AT_A_TIME) {
                let count = TILES_AT_A_TIME.min(tiles - first);
                self.tiles.grow(count, inputs, outputs);
                let step = Step {
                    image,
                    first,
                    count,
                };
                Arch::new().dispatch(InputTransform(&mut self, step));
                self.multiply(count);
                Arch::new().dispatch(OutputTransform(&mut self, step));
            }
        }
    }

    fn multiply(&mut self, tiles: usize) {
        let (inputs, outputs) = (self.weights.inputs, self.weights.outputs);
        let features = self.tiles.inputs.chunks_exact(tiles * inputs);
        let products = self.tiles.products.chunks_exact_mut(tiles * outputs);
        for ((input, output), weights) in features.zip(products).zip(&self.weights.places) {
            Convolution {
                taps: &self.weights.tiles,
                weights,
                operands: Operands {
                    input,
                    from: Channels::all(inputs),
                    output,
                    to: Channels::all(outputs),
                    finish: Finish::Store,
                },
            }
            .run();
        }
    }
}

/// Tiles of one image that are computed together.
#[derive(Clone, Copy)]
struct Step {
    image: usize,
    first: usize,
    count: usize,
}

impl Step {
    /// Row and column of the first output of each tile.
    fn corners(self, size: usize) -> impl Iterator<Item = (usize, usize)> {
        let side = size.div_ceil(TILE);
        (self.first..self.first + self.count)
            .map(move |tile| (tile / side * TILE, tile % side * TILE))
    }
}

/// Transforms the inputs of a step's tiles.
struct InputTransform<'a, 'b>(&'a mut WinogradConvolution<'b>, Step);

impl WithSimd for InputTransform<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(convolution, step) = self;
        let Winograd { size, inputs, .. } = *convolution.weights;
        let Operands { input, from, .. } = &convolution.operands;
        let (transformed, _) = S::as_mut_simd_f32s(&mut convolution.tiles.inputs);
        let vectors = inputs / S::F32_LANES;
        for (tile, (top, left)) in step.corners(size).enumerate() {
            let mut rows = [[S::as_simd_f32s(&ZEROS[..inputs]).0; INPUT_SIDE]; INPUT_SIDE];
            for (y, row) in rows.iter_mut().enumerate() {
                for (x, row) in row.iter_mut().enumerate() {
                    // The window begins a pixel above and to the left.
                    let (y, x) = (top + y, left + x);
                    if (1..=size).contains(&y) && (1..=size).contains(&x) {
                        let pixel = (step.image * size + y - 1) * size + x - 1;
                        *row = S::as_simd_f32s(from.row(input, pixel)).0;
                    }
                }
            }
            for vector in 0..vectors {
                let mut square = [[simd.splat_f32s(0.0); INPUT_SIDE]; INPUT_SIDE];
                for (values, rows) in square.iter_mut().zip(&rows) {
                    for (value, row) in values.iter_mut().zip(rows) {
                        *value = row[vector];
                    }
                }
                let square = transform_square::<S, InputLine, INPUT_SIDE, INPUT_SIDE>(simd, square);
                for (place, &value) in square.as_flattened().iter().enumerate() {
                    transformed[(place * step.count + tile) * vectors + vector] = value;
                }
            }
        }
    }
}

/// Transforms the products of a step's tiles, and writes the outputs.
struct OutputTransform<'a, 'b>(&'a mut WinogradConvolution<'b>, Step);

impl WithSimd for OutputTransform<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self(convolution, step) = self;
        let Winograd { size, outputs, .. } = *convolution.weights;
        let Operands {
            output, to, finish, ..
        } = &mut convolution.operands;
        let (products, _) = S::as_simd_f32s(&convolution.tiles.products);
        let vectors = outputs / S::F32_LANES;
        for (tile, (top, left)) in step.corners(size).enumerate() {
            for vector in 0..vectors {
                let mut square = [[simd.splat_f32s(0.0); INPUT_SIDE]; INPUT_SIDE];
                for (place, value) in square.as_flattened_mut().iter_mut().enumerate() {
                    *value = products[(place * step.count + tile) * vectors + vector];
                }
                let sums = transform_square::<S, ProductLine, INPUT_SIDE, TILE>(simd, square);
                let channels = vector * S::F32_LANES..(vector + 1) * S::F32_LANES;
                for (y, sums) in sums.iter().enumerate().take(size - top) {
                    for (x, &sum) in sums.iter().enumerate().take(size - left) {
                        let pixel = (step.image * size + top + y) * size + left + x;
                        let row = to.row_mut(output, pixel);
                        let out = &mut S::as_mut_simd_f32s(row).0[vector];
                        *out = finished(simd, *finish, pixel, channels.clone(), sum, *out);
                    }
                }
            }
        }
    }
}

/// The one-dimensional transform of a row or column. It is a trait, because a closure would not be
/// compiled for the chosen SIMD instructions.
trait Transform<const FROM: usize, const TO: usize> {
    fn line<S: Simd>(simd: S, line: [S::f32s; FROM]) -> [S::f32s; TO];
}

/// Transforms each column, and then each row.
#[inline(always)]
fn transform_square<S: Simd, T: Transform<FROM, TO>, const FROM: usize, const TO: usize>(
    simd: S,
    square: [[S::f32s; FROM]; FROM],
) -> [[S::f32s; TO]; TO] {
    let zero = simd.splat_f32s(0.0);
    let mut rows = [[zero; FROM]; TO];
    for x in 0..FROM {
        let mut column = [zero; FROM];
        for y in 0..FROM {
            column[y] = square[y][x];
        }
        let column = T::line(simd, column);
        for y in 0..TO {
            rows[y][x] = column[y];
        }
    }
    let mut result = [[zero; TO]; TO];
    for y in 0..TO {
        result[y] = T::line(simd, rows[y]);
    }
    result
}

/// `factor * x + y`.
#[inline(always)]
fn add<S: Simd>(simd: S, factor: f32, x: S::f32s, y: S::f32s) -> S::f32s {
    simd.mul_add_e_f32s(simd.splat_f32s(factor), x, y)
}

/// The transform of weights.
struct WeightLine;

impl Transform<3, INPUT_SIDE> for WeightLine {
    #[inline(always)]
    fn line<S: Simd>(simd: S, [a, b, c]: [S::f32s; 3]) -> [S::f32s; INPUT_SIDE] {
        let zero = simd.splat_f32s(0.0);
        let (ends, middle) = (simd.add_f32s(a, c), add(simd, 1.0 / 6.0, b, zero));
        let far = add(simd, 1.0 / 24.0, a, add(simd, 1.0 / 6.0, c, zero));
        [
            add(simd, 1.0 / 4.0, a, zero),
            simd.neg_f32s(add(simd, 1.0 / 6.0, ends, middle)),
            add(simd, -1.0 / 6.0, ends, middle),
            add(simd, 1.0 / 12.0, b, far),
            add(simd, -1.0 / 12.0, b, far),
            c,
        ]
    }
}

/// The transform of inputs.
struct InputLine;

impl Transform<INPUT_SIDE, INPUT_SIDE> for InputLine {
    #[inline(always)]
    fn line<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; INPUT_SIDE]) -> [S::f32s; INPUT_SIDE] {
        let (far, farther) = (add(simd, -4.0, c, e), add(simd, -4.0, b, d));
        let (near, nearer) = (simd.sub_f32s(e, c), simd.sub_f32s(d, b));
        [
            add(simd, 4.0, a, add(simd, -5.0, c, e)),
            simd.add_f32s(far, farther),
            simd.sub_f32s(far, farther),
            add(simd, 2.0, nearer, near),
            add(simd, -2.0, nearer, near),
            add(simd, 4.0, b, add(simd, -5.0, d, f)),
        ]
    }
}

/// The transform of products.
struct ProductLine;

impl Transform<INPUT_SIDE, TILE> for ProductLine {
    #[inline(always)]
    fn line<S: Simd>(simd: S, [a, b, c, d, e, f]: [S::f32s; INPUT_SIDE]) -> [S::f32s; TILE] {
        let (sum, difference) = (simd.add_f32s(b, c), simd.sub_f32s(b, c));
        let (far, farther) = (simd.add_f32s(d, e), simd.sub_f32s(d, e));
        [
            simd.add_f32s(simd.add_f32s(a, sum), far),
            add(simd, 2.0, farther, difference),
            add(simd, 4.0, far, sum),
            add(simd, 8.0, farther, simd.add_f32s(difference, f)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in [-0.5, 0.5) with a long period.
    fn numbers(count: usize, seed: usize) -> Vec<f32> {
        let number = |i: usize| ((i + seed) * 7919 % 1009) as f32 / 1009.0 - 0.5;
        (0..count).map(number).collect()
    }

    #[test]
    fn outputs_equal_those_of_the_direct_convolution() {
        for (size, inputs, outputs) in [(7, 16, 48), (12, 16, 16), (28, 48, 80), (3, 16, 32)] {
            let images = 2;
            let weights = numbers(9 * inputs * outputs, 3);
            let at = |tap, input, output| weights[(output * inputs + input) * 9 + tap];
            let wide = |first, count| Channels {
                width: count + 11,
                first,
                count,
            };
            let (from, to) = (wide(8, inputs), wide(3, outputs));
            let input = numbers(images * size * size * from.width, 1);
            let residual = numbers(images * size * size * to.width, 2);
            let (bias, slope) = (numbers(outputs, 4), numbers(outputs, 5));
            let finish = Finish::Activate {
                bias: &bias,
                slope: &slope,
                residual: Some((&residual, to)),
            };
            let mut expected = numbers(images * size * size * to.width, 6);
            let mut found = expected.clone();
            Convolution {
                taps: &Taps::new(size, 3, 1),
                weights: &Packed::new([9, inputs, outputs], at),
                operands: Operands {
                    input: &input,
                    from,
                    output: &mut expected,
                    to,
                    finish,
                },
            }
            .run();
            WinogradConvolution {
                weights: &Winograd::new(size, [inputs, outputs], &weights).unwrap(),
                operands: Operands {
                    input: &input,
                    from,
                    output: &mut found,
                    to,
                    finish,
                },
                tiles: &mut Tiles::default(),
            }
            .run();
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() < 1e-4,
                    "{size}: {found} for {expected}"
                );
            }
        }
    }

    #[test]
    fn new_returns_none_if_channels_do_not_fill_registers() {
        assert!(Winograd::new(7, [12, 8], &[]).is_none());
        assert!(Winograd::new(7, [8, 12], &[]).is_none());
    }
}
