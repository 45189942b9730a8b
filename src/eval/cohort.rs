//! How a cohort is made of faces.

use rayon::prelude::*;

use crate::verify::cohort::{Cohort, NEAREST};
use crate::verify::embedding::{EMBEDDING_DIM, Embedding};

/// Most centres of a cohort: with 128 coordinates of a byte each, 131 kB in the weights file.
const CENTRES: usize = 1024;

/// Lowest mean number of faces in a cluster. A centre of fewer would reveal too much about each of them.
const FACES: usize = 20;

/// Smallest cluster whose centre is kept, for the same reason.
const FEWEST: usize = 5;

/// Rounds of the clustering; later ones hardly move anything.
const ROUNDS: usize = 15;

/// The centres of clusters of `faces`, one of each person: k-means by cosine (Dhillon and Modha,
/// "Concept decompositions for large sparse text data using clustering", 2001, section 3.1). It starts
/// from evenly spaced faces. The cohort counts with `weight`, in `[0, 1]`. `None` where there are too few
/// faces for the centres that the cohort similarity takes.
pub fn cohort(faces: &[Embedding], weight: f32) -> Option<Cohort> {
    let count = (faces.len() / FACES).min(CENTRES);
    if count < NEAREST {
        return None;
    }
    let mut centres: Vec<Embedding> = (0..count)
        .map(|i| faces[i * faces.len() / count].clone())
        .collect();
    for _ in 0..ROUNDS {
        centres = moved(&centres, faces, 1);
    }
    Some(Cohort::new(&moved(&centres, faces, FEWEST), weight))
}

/// The mean of the faces nearest to each of `centres`; centres with fewer than `fewest` are dropped.
fn moved(centres: &[Embedding], faces: &[Embedding], fewest: usize) -> Vec<Embedding> {
    let nearest: Vec<usize> = faces
        .par_iter()
        .map(|face| nearest(centres, face))
        .collect();
    let mut sums = vec![([0.0; EMBEDDING_DIM], 0); centres.len()];
    for (face, nearest) in faces.iter().zip(nearest) {
        let (sum, count) = &mut sums[nearest];
        *count += 1;
        let values = sum.iter_mut().zip(face.values());
        values.for_each(|(sum, value)| *sum += value);
    }
    let clusters = sums.iter().filter(|(_, count)| *count >= fewest);
    clusters
        .filter_map(|(sum, _)| Embedding::new(sum))
        .collect()
}

fn nearest(centres: &[Embedding], face: &Embedding) -> usize {
    let cosines = centres.iter().map(|centre| centre.cosine(face));
    let nearest = cosines.enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    nearest.map_or(0, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::embedding::tests::at_angle;

    /// Twenty clusters of twenty faces each, 18 degrees apart and two degrees wide.
    fn clusters() -> Vec<Embedding> {
        let face = |i: usize| at_angle((18 * (i / 20)) as f32 + 0.1 * (i % 20) as f32);
        (0..400).map(face).collect()
    }

    #[test]
    fn centres_lie_amid_the_faces() {
        let cohort = cohort(&clusters(), 1.0).unwrap();
        assert_eq!(cohort.len(), 20);
        let expected: Vec<_> = (0..20).map(|i| at_angle(18.0 * i as f32 + 0.95)).collect();
        let found = cohort.values().chunks(EMBEDDING_DIM).map(Embedding::new);
        for centre in found.map(Option::unwrap) {
            assert!(expected.iter().any(|known| known.cosine(&centre) > 0.999));
        }
    }

    #[test]
    fn no_centre_is_one_persons_face() {
        let mut faces = clusters();
        let mut odd = [0.0; EMBEDDING_DIM];
        odd[64] = 1.0;
        faces[0] = Embedding::new(&odd).unwrap();
        let cohort = cohort(&faces, 1.0).unwrap();
        assert!(cohort.values().chunks(EMBEDDING_DIM).all(|it| it[64] < 0.5));
    }

    #[test]
    fn few_faces_are_no_cohort() {
        assert_eq!(cohort(&clusters()[..199], 1.0), None);
        assert!(cohort(&clusters()[..200], 1.0).is_some());
    }
}
