//! Forward and backward pass of a network's convolutions in training, on the fused
//! [`kernels`](crate::kernels). They pass over memory less often than Burn's autodiff does.
//!
//! A [`Backprop`] keeps all features of a batch, and reuses their memory in the next step. Autodiff
//! computes the head and the loss: [`Backprop::forward`] ends with the last feature map, and
//! [`Backprop::backward`] begins with its gradient.

use std::mem::take;

use burn::nn::BatchNorm;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use rayon::prelude::*;

use super::facenet::FaceNet;
use super::groups::Groups;
use super::inception::ConvBlock;
use super::plan::{MapShape, MapSlice, Plan, Planned, blocks, packed};
use crate::image::{RgbImage, write_padded};
use crate::kernels::conv::{Channels, Convolution, Finish, Operands, Packed, Taps};
use crate::kernels::gradient::WeightGradient;
use crate::kernels::norm::{self, Affine};
use crate::kernels::pool::{max_pool, max_pool_back, max_pool_winners};

/// A feature map of the batch and its gradient, `[n, pixels, channels]`.
struct Map {
    pixels: usize,
    channels: usize,
    features: Vec<f32>,
    gradient: Vec<f32>,
}

impl Map {
    fn new(shape: MapShape) -> Self {
        Self {
            pixels: shape.side * shape.side,
            channels: shape.channels,
            features: Vec::new(),
            gradient: Vec::new(),
        }
    }
}

enum Step {
    Conv(Box<Conv>),
    Pool(MaxPool),
}

impl Step {
    /// `first`: whether this is the first step, which needs no gradient of its input.
    fn new(planned: Planned, network: &[&ConvBlock], first: bool) -> Self {
        match planned {
            Planned::Conv(conv) => Self::Conv(Box::new(Conv {
                back: (!first).then(|| conv.back()),
                normalised: network[conv.block].norm.is_some(),
                from: conv.from,
                to: conv.to,
                residual: conv.residual,
                taps: conv.taps,
                shape: conv.shape,
                values: Values::default(),
                sums: Vec::new(),
            })),
            Planned::Pool { from, to, taps } => Self::Pool(MaxPool {
                from,
                to,
                taps,
                winners: Vec::new(),
            }),
        }
    }
}

/// A convolution with its normalisation and activation.
struct Conv {
    from: MapSlice,
    to: MapSlice,
    /// What the residual connection adds before the activation.
    residual: Option<MapSlice>,
    taps: Taps,
    /// The taps of the backward pass; `None` for the first step.
    back: Option<Taps>,
    /// Shape of the weights, `[out, in, kernel, kernel]`.
    shape: [usize; 4],
    /// Whether a normalisation follows; otherwise it is folded into weight and bias.
    normalised: bool,
    values: Values,
    /// The sums before the normalisation, `[n, pixels, out]`.
    sums: Vec<f32>,
}

/// A block's parameters and batch statistics in this step; vectors are `[out]`.
#[derive(Default)]
struct Values {
    /// `[out, in, kernel, kernel]`.
    weight: Vec<f32>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
    slope: Vec<f32>,
    mean: Vec<f32>,
    /// The reciprocal of the standard deviation.
    precision: Vec<f32>,
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl Values {
    fn affine(&self) -> Affine<'_> {
        Affine {
            scale: &self.scale,
            shift: &self.shift,
            slope: &self.slope,
        }
    }
}

struct MaxPool {
    from: MapSlice,
    to: MapSlice,
    taps: Taps,
    /// The tap of each window's largest value, `[n, pixels, channels]`.
    winners: Vec<u8>,
}

/// The steps of a network, with the features and gradients of one batch.
pub struct Backprop {
    steps: Vec<Step>,
    maps: Vec<Map>,
    /// Index of the last feature map.
    last: usize,
    /// Images in the batch.
    images: usize,
}

impl Backprop {
    /// Plans the steps of `network`. Returns `None` if it has a stage that the kernels do not
    /// support, such as local response normalisation.
    pub fn new(network: &FaceNet) -> Option<Self> {
        let plan = Plan::of(network)?;
        let blocks = blocks(network);
        let steps = plan.steps.into_iter().enumerate();
        Some(Self {
            steps: steps
                .map(|(index, step)| Step::new(step, &blocks, index == 0))
                .collect(),
            maps: plan.maps.into_iter().map(Map::new).collect(),
            last: plan.output.map,
            images: 0,
        })
    }

    /// Computes the last feature map of `faces`, `[n, channels, h, w]`, on `device`. Normalisations
    /// use the statistics of the batch, and update the running statistics in `network`.
    ///
    /// # Panics
    /// If a face is not 112x112 pixels, or `network` has other stages than the one that `self` was
    /// made for.
    pub fn forward(&mut self, network: &FaceNet, faces: &[RgbImage], device: &Device) -> Tensor<4> {
        self.prepare(faces.len());
        if let Some(Step::Conv(stem)) = self.steps.first() {
            let size = self.maps[0].pixels * self.maps[0].channels;
            let images = self.maps[0].features.chunks_exact_mut(size);
            for (image, face) in images.zip(faces) {
                write_padded(face, image, stem.shape[2] / 2);
            }
        }
        let mut blocks = blocks(network).into_iter();
        for step in &mut self.steps {
            match step {
                Step::Conv(conv) => {
                    let block = blocks.next().expect("a block for each convolution");
                    conv.forward(block, &mut self.maps, self.images);
                }
                Step::Pool(pool) => pool.forward(&mut self.maps, self.images),
            }
        }
        let map = &self.maps[self.last];
        let side = map.pixels.isqrt();
        let shape = [self.images, side, side, map.channels];
        Tensor::<4>::from_data(TensorData::new(map.features.clone(), shape), device)
            .permute([0, 3, 1, 2])
    }

    /// Adds the gradients of `network`'s convolutions to `gradients`. `gradient`,
    /// `[n, channels, h, w]`, is the gradient with respect to the last feature map.
    ///
    /// # Panics
    /// If [`forward`](Self::forward) was not called with the same batch before.
    pub fn backward(
        &mut self,
        network: &FaceNet,
        gradient: Tensor<4>,
        gradients: &mut GradientsParams,
    ) {
        let device = gradient.device();
        self.maps[self.last].gradient = values(gradient.permute([0, 2, 3, 1]));
        let mut blocks = blocks(network).into_iter().rev();
        for step in self.steps.iter_mut().rev() {
            match step {
                Step::Conv(conv) => {
                    let block = blocks.next().expect("a block for each convolution");
                    let parameters = conv.backward(&mut self.maps, self.images);
                    parameters.register(block, conv.shape, gradients, &device);
                }
                Step::Pool(pool) => pool.backward(&mut self.maps, self.images),
            }
        }
    }

    /// Sizes the buffers for `images` images, and clears the gradients.
    fn prepare(&mut self, images: usize) {
        for map in &mut self.maps {
            let size = images * map.pixels * map.channels;
            map.features.resize(size, 0.0);
            map.gradient.clear();
            map.gradient.resize(size, 0.0);
        }
        for step in &mut self.steps {
            match step {
                Step::Conv(conv) => conv
                    .sums
                    .resize(images * conv.taps.pixels_out * conv.shape[0], 0.0),
                Step::Pool(pool) => pool
                    .winners
                    .resize(images * pool.taps.pixels_out * pool.to.channels.count, 0),
            }
        }
        self.images = images;
    }
}

impl Conv {
    fn forward(&mut self, block: &ConvBlock, maps: &mut [Map], images: usize) {
        let groups = Groups { images };
        self.load(block);
        let sums = self.convolve(&maps[self.from.map].features, groups);
        match &block.norm {
            Some(norm) => {
                let count = images * self.taps.pixels_out;
                self.normalise(norm, &sums, count as f64);
            }
            None => self.shift(block),
        }
        self.activate(maps, groups);
    }

    /// Computes `self.sums`. Returns the sum and the sum of squares of each channel if a
    /// normalisation follows.
    fn convolve(&mut self, features: &[f32], groups: Groups) -> [Vec<f64>; 2] {
        let [out, ..] = self.shape;
        let weights = packed(&self.values.weight, self.shape, self.taps.count);
        let size = groups.size(&self.sums);
        let parts: Vec<_> = self
            .sums
            .par_chunks_mut(size)
            .enumerate()
            .map(|(index, sums)| {
                Convolution {
                    taps: &self.taps,
                    weights: &weights,
                    operands: Operands {
                        input: groups.part(features, index),
                        from: self.from.channels,
                        output: sums,
                        to: Channels::all(out),
                        finish: Finish::Store,
                    },
                }
                .run();
                match self.normalised {
                    true => norm::moments(sums, out),
                    false => Default::default(),
                }
            })
            .collect();
        norm::total(&parts)
    }

    /// Computes the features from `self.sums`: normalisation, residual connection, activation.
    fn activate(&self, maps: &mut [Map], groups: Groups) {
        let mut output = take(&mut maps[self.to.map].features);
        let residual = self.residual_of(maps);
        let size = groups.size(&output);
        output
            .par_chunks_mut(size)
            .zip(self.sums.par_chunks(groups.size(&self.sums)))
            .enumerate()
            .for_each(|(index, (output, sums))| {
                let residual =
                    residual.map(|(features, channels)| (groups.part(features, index), channels));
                self.values
                    .affine()
                    .activate(sums, residual, output, self.to.channels);
            });
        maps[self.to.map].features = output;
    }

    /// Features and channels of the residual connection.
    fn residual_of<'a>(&self, maps: &'a [Map]) -> Option<(&'a [f32], Channels)> {
        self.residual
            .map(|residual| (&maps[residual.map].features[..], residual.channels))
    }

    fn load(&mut self, block: &ConvBlock) {
        let [out, ..] = self.shape;
        self.values.weight = values(block.conv.weight.val());
        if let Some(norm) = &block.norm {
            self.values.gamma = values(norm.gamma.val());
            self.values.beta = values(norm.beta.val());
        }
        self.values.slope = match &block.slope {
            Some(slope) => values(slope.val()),
            None => vec![0.0; out],
        };
    }

    /// Sets scale and shift of a block without a normalisation: the shift is the bias.
    fn shift(&mut self, block: &ConvBlock) {
        let [out, ..] = self.shape;
        let bias = block.conv.bias.as_ref();
        self.values.scale = vec![1.0; out];
        self.values.shift = bias.map_or_else(|| vec![0.0; out], |bias| values(bias.val()));
    }

    /// Computes the batch's statistics from the totals of `count` values in each channel, and
    /// updates the running statistics of `norm`.
    fn normalise(&mut self, norm: &BatchNorm, [sums, squares]: &[Vec<f64>; 2], count: f64) {
        let values = &mut self.values;
        let mean: Vec<f64> = sums.iter().map(|sum| sum / count).collect();
        let variance = squares
            .iter()
            .zip(&mean)
            .map(|(square, mean)| square / count - mean * mean);
        let variance: Vec<f64> = variance.map(|variance| variance.max(0.0)).collect();
        let precision = variance
            .iter()
            .map(|variance| 1.0 / (variance + norm.epsilon).sqrt());
        values.precision = precision.map(|precision| precision as f32).collect();
        values.mean = mean.iter().map(|&mean| mean as f32).collect();
        let scale = values
            .gamma
            .iter()
            .zip(&values.precision)
            .map(|(gamma, precision)| gamma * precision);
        values.scale = scale.collect();
        let shift = values.beta.iter().zip(&values.mean).zip(&values.scale);
        values.shift = shift
            .map(|((beta, mean), scale)| beta - mean * scale)
            .collect();
        update_statistics(norm, &mean, &variance);
    }

    fn backward(&mut self, maps: &mut [Map], images: usize) -> ParameterGradients {
        let groups = Groups { images };
        let (mut gradient, sums) = self.activate_back(maps, groups);
        if let Some(residual) = self.residual {
            let to = &mut maps[residual.map].gradient;
            let size = groups.size(to);
            to.par_chunks_mut(size)
                .zip(gradient.par_chunks(groups.size(&gradient)))
                .for_each(|(to, gradient)| norm::add(gradient, to, residual.channels));
        }
        let parameters = self.parameter_gradients(&sums);
        let count = (images * self.taps.pixels_out) as f32;
        let constants = self
            .normalised
            .then(|| self.backward_constants(&parameters, count));
        let weight = self.convolve_back(&mut gradient, constants.as_ref(), maps, groups);
        ParameterGradients {
            weight,
            ..parameters
        }
    }

    /// The gradient with respect to the normalised sums, `[n, pixels, out]`, and its totals for
    /// [`parameter_gradients`](Self::parameter_gradients).
    fn activate_back(&self, maps: &[Map], groups: Groups) -> (Vec<f32>, [Vec<f64>; 3]) {
        let given = &maps[self.to.map].gradient;
        let residual = self.residual_of(maps);
        let size = groups.size(&self.sums);
        let mut gradient = vec![0.0; self.sums.len()];
        let parts: Vec<_> = gradient
            .par_chunks_mut(size)
            .zip(self.sums.par_chunks(size))
            .enumerate()
            .map(|(index, (gradient, sums))| {
                let residual =
                    residual.map(|(features, channels)| (groups.part(features, index), channels));
                let given = (groups.part(given, index), self.to.channels);
                self.values
                    .affine()
                    .activate_back(sums, residual, given, gradient)
            })
            .collect();
        (gradient, norm::total(&parts))
    }

    /// The backward pass of the normalisation, with `constants` from
    /// [`backward_constants`](Self::backward_constants), and of the convolution. Returns the
    /// gradient with respect to the weights, `[kernel, kernel, in, out]`.
    fn convolve_back(
        &self,
        gradient: &mut [f32],
        constants: Option<&[Vec<f32>; 3]>,
        maps: &mut [Map],
        groups: Groups,
    ) -> Vec<f32> {
        let [out, channels, kernel, _] = self.shape;
        let Map {
            features: input,
            gradient: to,
            ..
        } = &mut maps[self.from.map];
        let back = self.back.as_ref().map(|taps| (taps, self.packed_back()));
        let (size, size_in) = (groups.size(&self.sums), groups.size(to));
        gradient
            .par_chunks_mut(size)
            .zip(self.sums.par_chunks(size))
            .zip(to.par_chunks_mut(size_in))
            .enumerate()
            .map(|(index, ((gradient, sums), to))| {
                if let Some(constants) = constants {
                    norm::normalise_back(gradient, sums, constants.each_ref().map(Vec::as_slice));
                }
                if let Some((taps, weights)) = &back {
                    Convolution {
                        taps,
                        weights,
                        operands: Operands {
                            input: gradient,
                            from: Channels::all(out),
                            output: to,
                            to: self.from.channels,
                            finish: Finish::Add,
                        },
                    }
                    .run();
                }
                let mut weight = vec![0.0; out * channels * kernel * kernel];
                WeightGradient {
                    taps: &self.taps,
                    input: groups.part(input, index),
                    from: self.from.channels,
                    output_gradient: gradient,
                    outputs: out,
                    gradient: &mut weight,
                }
                .run();
                weight
            })
            .reduce_with(|mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                a
            })
            .unwrap_or_default()
    }

    /// The gradients of the normalisation and the slope.
    fn parameter_gradients(&self, [sums, products, slope]: &[Vec<f64>; 3]) -> ParameterGradients {
        let Values {
            mean, precision, ..
        } = &self.values;
        let gamma = sums.iter().zip(products).zip(mean.iter().zip(precision));
        // Without a normalisation, `mean` is empty, and so is this gradient.
        let gamma = gamma.map(|((sum, product), (&mean, &precision))| {
            ((product - f64::from(mean) * sum) * f64::from(precision)) as f32
        });
        let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect();
        ParameterGradients {
            weight: Vec::new(),
            gamma: gamma.collect(),
            beta: single(sums),
            slope: single(slope),
        }
    }

    /// The constants `[a, b, c]` of [`norm::normalise_back`].
    fn backward_constants(&self, parameters: &ParameterGradients, count: f32) -> [Vec<f32>; 3] {
        let Values {
            scale,
            precision,
            mean,
            ..
        } = &self.values;
        let b: Vec<f32> = scale
            .iter()
            .zip(precision)
            .zip(&parameters.gamma)
            .map(|((scale, precision), gamma)| -scale * precision * gamma / count)
            .collect();
        let c = scale.iter().zip(&parameters.beta).zip(b.iter().zip(mean));
        let c = c.map(|((scale, beta), (b, mean))| -scale * beta / count - b * mean);
        let c = c.collect();
        [scale.clone(), b, c]
    }

    /// The weights for the backward pass.
    fn packed_back(&self) -> Packed {
        let [out, channels, kernel, _] = self.shape;
        let taps = kernel * kernel;
        Packed::new([taps, out, channels], |tap, output, channel| {
            self.values.weight[(output * channels + channel) * taps + tap]
        })
    }
}

/// Gradients of a block's parameters.
struct ParameterGradients {
    /// `[kernel, kernel, in, out]`.
    weight: Vec<f32>,
    gamma: Vec<f32>,
    beta: Vec<f32>,
    slope: Vec<f32>,
}

impl ParameterGradients {
    fn register(
        self,
        block: &ConvBlock,
        [out, channels, kernel, _]: [usize; 4],
        gradients: &mut GradientsParams,
        device: &Device,
    ) {
        let vector = |values: Vec<f32>| {
            let shape = [values.len()];
            Tensor::<1>::from_data(TensorData::new(values, shape), device)
        };
        let weight = TensorData::new(self.weight, [kernel, kernel, channels, out]);
        let weight = Tensor::<4>::from_data(weight, device).permute([3, 2, 0, 1]);
        gradients.register(block.conv.weight.id, weight);
        match (&block.norm, &block.conv.bias) {
            (Some(norm), _) => {
                gradients.register(norm.gamma.id, vector(self.gamma));
                gradients.register(norm.beta.id, vector(self.beta));
            }
            (None, Some(bias)) => gradients.register(bias.id, vector(self.beta)),
            (None, None) => {}
        }
        if let Some(slope) = &block.slope {
            gradients.register(slope.id, vector(self.slope));
        }
    }
}

impl MaxPool {
    fn forward(&mut self, maps: &mut [Map], images: usize) {
        let mut output = take(&mut maps[self.to.map].features);
        let input = &maps[self.from.map].features;
        let (size_in, size_out) = (input.len() / images, output.len() / images);
        let winners = self.winners.len() / images;
        output
            .par_chunks_mut(size_out)
            .zip(self.winners.par_chunks_mut(winners))
            .zip(input.par_chunks(size_in))
            .for_each(|((output, winners), input)| {
                let (from, to) = (self.from.channels, self.to.channels);
                max_pool(&self.taps, (input, from), (&mut *output, to));
                max_pool_winners(&self.taps, (input, from), (output, to), winners);
            });
        maps[self.to.map].features = output;
    }

    fn backward(&mut self, maps: &mut [Map], images: usize) {
        let mut gradient = take(&mut maps[self.from.map].gradient);
        let given = &maps[self.to.map].gradient;
        let (size_in, size_out) = (gradient.len() / images, given.len() / images);
        let winners = self.winners.len() / images;
        gradient
            .par_chunks_mut(size_in)
            .zip(self.winners.par_chunks(winners))
            .zip(given.par_chunks(size_out))
            .for_each(|((gradient, winners), given)| {
                let (from, to) = (self.from.channels, self.to.channels);
                max_pool_back(&self.taps, winners, (given, to), (gradient, from));
            });
        maps[self.from.map].gradient = gradient;
    }
}

/// Updates the running statistics of `norm` with those of a batch, as Burn does.
fn update_statistics(norm: &BatchNorm, mean: &[f64], variance: &[f64]) {
    for (state, batch) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
        let old = state.value_sync();
        let device = old.device();
        let new = values(old).into_iter().zip(batch).map(|(old, batch)| {
            (f64::from(old) * (1.0 - norm.momentum) + batch * norm.momentum) as f32
        });
        let new: Vec<f32> = new.collect();
        let shape = [new.len()];
        state.update(Tensor::from_data(TensorData::new(new, shape), &device));
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.detach().into_data();
    data.try_to_vec().expect("parameters and features are f32")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::drawn as faces;
    use crate::image::to_tensor;
    use crate::net::{FaceNetConfig, Preset};
    use burn::module::{Module, ModuleVisitor, Param};
    use std::collections::BTreeMap;

    /// Every parameter's gradient, by its path.
    #[derive(Default)]
    struct Collected<'a> {
        gradients: Option<&'a GradientsParams>,
        path: Vec<String>,
        found: BTreeMap<String, Vec<f32>>,
    }

    impl ModuleVisitor for Collected<'_> {
        fn enter_module(&mut self, name: &str, _: &str) {
            self.path.push(name.into());
        }

        fn exit_module(&mut self, _: &str, _: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.gradients.and_then(|all| all.get::<D>(param.id));
            if let Some(gradient) = gradient {
                self.found.insert(self.path.join("."), values(gradient));
            }
        }
    }

    fn collected(network: &FaceNet, gradients: &GradientsParams) -> BTreeMap<String, Vec<f32>> {
        let mut visitor = Collected {
            gradients: Some(gradients),
            ..Collected::default()
        };
        network.visit(&mut visitor);
        visitor.found
    }

    /// The length of `a - b`, divided by the length of `b`.
    fn relative_error(a: &[f32], b: &[f32]) -> f32 {
        let size = b.iter().map(|b| b * b).sum::<f32>().sqrt();
        let difference = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>();
        difference.sqrt() / size.max(1e-6)
    }

    #[test]
    fn embeddings_statistics_and_gradients_equal_those_of_autodiff() {
        let device = crate::device::cpu();
        let training = device.clone().autodiff();
        let crops: Vec<_> = (0..6).map(|person| faces::draw(0, person, 0)).collect();
        for preset in [Preset::Tiny, Preset::Wide, Preset::Residual] {
            let network = FaceNetConfig::from(preset).init(&training);
            assert_equals_autodiff(preset, network.clone(), &crops, &training);
            assert_equals_autodiff(preset, network.valid().fold().train(), &crops, &training);
        }
    }

    fn assert_equals_autodiff(
        preset: Preset,
        network: FaceNet,
        crops: &[RgbImage],
        training: &Device,
    ) {
        let other = network.valid().train();
        let direction =
            Tensor::<2>::random([6, 128], burn::tensor::Distribution::Default, training);
        let expected = network.forward(to_tensor(&crops.iter().collect::<Vec<_>>(), training));
        let loss = (expected.clone() * direction.clone()).sum();
        let reference = GradientsParams::from_grads(loss.backward(), &network);

        let mut backprop = Backprop::new(&other).unwrap();
        let features = backprop.forward(&other, crops, training).require_grad();
        let embeddings = other.embed(features.clone());
        let error = relative_error(&values(embeddings.clone()), &values(expected));
        assert!(error < 1e-4, "{preset}: embeddings off by {error}");
        let mut gradients = (embeddings * direction).sum().backward();
        let gradient = features.grad_remove(&mut gradients).unwrap();
        let mut found = GradientsParams::from_grads(gradients, &other);
        backprop.backward(&other, gradient, &mut found);
        let (found, reference) = (collected(&other, &found), collected(&network, &reference));
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            reference.keys().collect::<Vec<_>>()
        );
        // Rounding can rectify a value near zero in one of the two passes only. This changes the
        // gradient of one parameter by a few hundredths, and all gradients together by less.
        for (path, expected) in &reference {
            let error = relative_error(&found[path], expected);
            assert!(error < 0.1, "{preset}: {path} off by {error}");
        }
        let all = |gradients: &BTreeMap<String, Vec<f32>>| {
            gradients.values().flatten().copied().collect::<Vec<_>>()
        };
        let error = relative_error(&all(&found), &all(&reference));
        assert!(error < 3e-2, "{preset}: gradients off by {error}");
        for (a, b) in blocks(&other).iter().zip(blocks(&network)) {
            let (Some(a), Some(b)) = (&a.norm, &b.norm) else {
                continue;
            };
            let error = relative_error(
                &values(a.running_var.value_sync()),
                &values(b.running_var.value_sync()),
            );
            assert!(error < 1e-4, "{preset}: variance off by {error}");
        }
    }

    #[test]
    fn new_returns_none_for_unsupported_stages() {
        let device = crate::device::cpu();
        let network = FaceNetConfig::from(Preset::Nn4Small2).init(&device);
        assert!(Backprop::new(&network).is_none());
    }
}
