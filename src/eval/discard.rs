//! Error versus discard: how the error rate falls when the comparisons of the least reliable faces
//! are excluded. The curve falls steeply if the reliability predicts which faces fail (NIST FRTE
//! Quality, Grother et al., NIST IR 8485, 2023).

/// A comparison of two pictures of one person.
#[derive(Debug, Clone, Copy)]
pub struct Comparison {
    /// The lower reliability of the two pictures.
    pub reliability: f32,
    /// Whether the comparison is a false non-match.
    pub refused: bool,
}

/// The false non-match rates, in `[0, 1]`, one for each of `parts`: the share of comparisons, in
/// `[0, 1]`, that is excluded, the least reliable first. The rate is 0 if no comparison remains.
pub fn error_versus_discard(mut comparisons: Vec<Comparison>, parts: &[f64]) -> Vec<f64> {
    comparisons.sort_by(|a, b| a.reliability.total_cmp(&b.reliability));
    let rates = parts.iter().map(|part| {
        let left_out = (part * comparisons.len() as f64).round() as usize;
        let kept = comparisons.get(left_out..).unwrap_or_default();
        let refused = kept.iter().filter(|comparison| comparison.refused).count();
        refused as f64 / kept.len().max(1) as f64
    });
    rates.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_fall_as_their_comparisons_are_left_out() {
        let comparison = |reliability, refused| Comparison {
            reliability,
            refused,
        };
        let comparisons = vec![
            comparison(0.9, false),
            comparison(0.2, true),
            comparison(0.8, true),
            comparison(0.7, false),
        ];
        let rates = error_versus_discard(comparisons, &[0.0, 0.25, 0.75, 1.0]);
        assert_eq!(rates, [0.5, 1.0 / 3.0, 0.0, 0.0]);
    }
}
