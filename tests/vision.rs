//! Compares face detection and alignment with reference implementations.
#![cfg(feature = "native")]

use std::path::{Path, PathBuf};

use burn::tensor::{Tensor, TensorData};
use facekey::detect::Detector;
use facekey::detect::decode::decode;
use facekey::detect::letterbox::Letterbox;
use facekey::detect::network::{ANCHORS, BOX_VALUES, BlazeFace, INPUT_SIZE};
use facekey::face::align::{Similarity, TEMPLATE, crop};
use facekey::face::{QualityIssue, quality};
use facekey::geometry::Point;
use facekey::image::{RgbImage, to_tensor};
use facekey::net::mesh::{self, MeshNet};

const DETECTOR: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/www/models/blazeface.safetensors"
);
const MESH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/www/models/mesh.safetensors");
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

fn detector() -> BlazeFace {
    BlazeFace::load(&model(DETECTOR), &facekey::device::cpu()).unwrap()
}

/// Reads a model that scripts/setup creates.
fn model(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}; run scripts/setup"))
}

fn open(path: &Path) -> RgbImage {
    facekey::image::decode(&std::fs::read(path).unwrap()).unwrap()
}

fn floats(path: PathBuf) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap();
    bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

/// The inputs and outputs of a model in the TFLite runtime.
fn reference(model: &str) -> impl Fn(usize, &str) -> Vec<f32> {
    let folder = std::env::var("FACEKEY_REFERENCE").expect("scripts/test sets FACEKEY_REFERENCE");
    move |i, name| floats(Path::new(&folder).join(format!("{model}.{i}.{name}.f32")))
}

/// Compares the outputs of `network` for the reference's inputs with the reference's outputs of
/// these names.
fn agrees_with_the_tflite_runtime<const N: usize>(
    model: &str,
    side: usize,
    names: [&str; N],
    network: impl Fn(Tensor<4>) -> [Vec<f32>; N],
) {
    let reference = reference(model);
    for i in 0..4 {
        let data = TensorData::new(reference(i, "input"), [1, side, side, 3]);
        let input = Tensor::<4>::from_data(data, &facekey::device::cpu()).permute([0, 3, 1, 2]);
        for (ours, name) in network(input).iter().zip(names) {
            let theirs = reference(i, name);
            assert_eq!(ours.len(), theirs.len());
            for (a, b) in ours.iter().zip(&theirs) {
                assert!(
                    (a - b).abs() <= 1e-3 * b.abs().max(1.0),
                    "{name} of input {i}: {a} and {b}"
                );
            }
        }
    }
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

#[test]
#[ignore = "needs outputs of the TFLite runtime: scripts/setup --tests"]
fn blazeface_agrees_with_the_tflite_runtime() {
    let detector = detector();
    agrees_with_the_tflite_runtime("blazeface", INPUT_SIZE, ["boxes", "scores"], |input| {
        let (boxes, scores) = detector.forward(input);
        assert_eq!(boxes.dims(), [1, ANCHORS, BOX_VALUES]);
        [values(boxes), values(scores)]
    });
}

#[test]
#[ignore = "needs outputs of the TFLite runtime: scripts/setup --tests"]
fn the_mesh_agrees_with_the_tflite_runtime() {
    let mesh = MeshNet::load(&model(MESH), &facekey::device::cpu()).unwrap();
    agrees_with_the_tflite_runtime("mesh", mesh::INPUT_SIZE, ["points", "presence"], |input| {
        let (points, presence) = mesh.forward(input);
        assert_eq!(points.dims(), [1, 3 * mesh::POINTS]);
        [values(points), values(presence)]
    });
}

#[test]
#[ignore = "needs photos: ../shared/data/golden"]
fn alignment_agrees_with_the_golden_crops() {
    let golden = Path::new(SHARED).join("golden");
    let text = std::fs::read_to_string(golden.join("detections.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut compared = 0;
    for (name, points, matrix) in alignments(&json) {
        let fitted = Similarity::fit(&points, &TEMPLATE).unwrap();
        for (ours, theirs) in [
            (fitted.a, matrix[0]),
            (fitted.b, matrix[3]),
            (fitted.tx, matrix[2]),
            (fitted.ty, matrix[5]),
        ] {
            assert!(
                (ours - theirs).abs() < 1e-3 * theirs.abs().max(1.0),
                "{name}: {ours} and {theirs}"
            );
        }
        if fitted.scale() < 0.6 {
            continue; // Ours averages there; the golden crops do not.
        }
        let ours = crop(&open(&golden.join(&name)), &fitted);
        let theirs = open(&golden.join(name.replace(".png", "_aligned.png")));
        for (a, b) in ours.pixels().iter().zip(theirs.pixels()) {
            assert!(a.abs_diff(*b) <= 1, "{name}: {a} and {b}");
        }
        compared += 1;
    }
    assert!(compared > 0, "no golden crop was compared");
}

/// Photo, five points and 2x3 matrix of each golden alignment.
fn alignments(json: &serde_json::Value) -> Vec<(String, Vec<Point>, Vec<f32>)> {
    fn numbers(value: &serde_json::Value, into: &mut Vec<f32>) {
        match value {
            serde_json::Value::Array(values) => values.iter().for_each(|v| numbers(v, into)),
            other => into.push(other.as_f64().unwrap() as f32),
        }
    }
    let photos = json["photos"].as_array().cloned().unwrap_or_default();
    photos
        .iter()
        .map(|photo| {
            let (mut points, mut matrix) = (Vec::new(), Vec::new());
            let best = photo["best"].as_u64().unwrap() as usize;
            numbers(&photo["detections"][best]["points"], &mut points);
            numbers(&photo["matrix"], &mut matrix);
            let points = points
                .chunks(2)
                .map(|p| Point { x: p[0], y: p[1] })
                .collect();
            (photo["file"].as_str().unwrap().into(), points, matrix)
        })
        .collect()
}

/// One photo of each of the first people.
fn photos(count: usize) -> Vec<RgbImage> {
    let mut people: Vec<_> = std::fs::read_dir(Path::new(SHARED).join("lfw-photos"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    people.retain(|path| path.is_dir());
    people.sort();
    let first = |person: &PathBuf| {
        let mut files: Vec<_> = std::fs::read_dir(person)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        files.sort();
        open(&files[0])
    };
    people.iter().take(count).map(first).collect()
}

/// A quarter turn clockwise.
fn quarter_turn(image: &RgbImage) -> RgbImage {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let source = |x: usize, y: usize| &image.pixels()[((height - 1 - x) * width + y) * 3..][..3];
    let rows = (0..width).flat_map(|y| (0..height).flat_map(move |x| source(x, y)));
    let pixels = rows.copied().collect();
    RgbImage::new(image.height(), image.width(), pixels).unwrap()
}

/// The image in the centre of a grey one of 1200x800 pixels, and its offset.
fn amid_grey(image: &RgbImage) -> (RgbImage, Point) {
    let (width, height) = (1200, 800);
    let (left, top) = ((width - image.width()) / 2, (height - image.height()) / 2);
    let mut pixels = vec![128; (width * height * 3) as usize];
    for (y, row) in (top..).zip(image.pixels().chunks_exact(image.width() as usize * 3)) {
        pixels[((y * width + left) * 3) as usize..][..row.len()].copy_from_slice(row);
    }
    let shift = Point {
        x: left as f32,
        y: top as f32,
    };
    (RgbImage::new(width, height, pixels).unwrap(), shift)
}

/// Photos on their side, upside down, and with a small face give the same landmarks at the right
/// positions.
#[test]
#[ignore = "needs photos: ../shared/data/lfw-photos"]
fn a_face_is_found_in_any_orientation_and_when_it_is_small() {
    let detector = Detector::load(&model(DETECTOR), &facekey::device::cpu()).unwrap();
    let photos = photos(3);
    let detect = |image: &RgbImage| pollster::block_on(detector.detect(image)).unwrap();
    for photo in &photos {
        let [upright] = &detect(photo)[..] else {
            panic!("one face is in each of these photos");
        };
        let eyes = upright
            .landmarks
            .left_eye
            .distance(upright.landmarks.right_eye);
        let mut turned = photo.clone();
        let mut eye = upright.landmarks.left_eye;
        for turns in 1..4 {
            eye = Point {
                x: turned.height() as f32 - 1.0 - eye.y,
                y: eye.x,
            };
            turned = quarter_turn(&turned);
            let [found] = &detect(&turned)[..] else {
                panic!("no face after {turns} quarter turns");
            };
            let error = found.landmarks.left_eye.distance(eye);
            assert!(error < 0.1 * eyes, "{turns} quarter turns: {error}");
        }
        let (small, shift) = amid_grey(&photo.clone().reduced(125));
        let [found] = &detect(&small)[..] else {
            panic!("no face where it is small");
        };
        let scale = photo.width() as f32 / 125.0;
        let expected = Point {
            x: upright.landmarks.left_eye.x / scale + shift.x,
            y: upright.landmarks.left_eye.y / scale + shift.y,
        };
        let error = found.landmarks.left_eye.distance(expected);
        assert!(error < 0.2 * eyes / scale, "small: {error}");
    }
}

#[test]
#[ignore = "needs photos: ../shared/data/lfw-photos"]
fn no_face_is_found_where_it_is_painted_over() {
    let detector = Detector::load(&model(DETECTOR), &facekey::device::cpu()).unwrap();
    let photos = photos(1);
    let bounds = pollster::block_on(detector.detect(&photos[0])).unwrap()[0].bounds;
    let width = photos[0].width() as usize;
    let pixels = photos[0].pixels().chunks_exact(3).enumerate();
    let painted = pixels.flat_map(|(i, rgb)| {
        let here = Point {
            x: (i % width) as f32,
            y: (i / width) as f32,
        };
        let near = here.distance(bounds.centre()) < 0.8 * bounds.width;
        if near {
            [90, 110, 100]
        } else {
            [rgb[0], rgb[1], rgb[2]]
        }
    });
    let painted = RgbImage::new(width as u32, photos[0].height(), painted.collect()).unwrap();
    assert_eq!(pollster::block_on(detector.detect(&painted)).unwrap(), []);
}

fn detections(detector: &BlazeFace, image: &RgbImage) -> Vec<facekey::detect::Detection> {
    let letterbox = Letterbox::new(image);
    let (boxes, scores) = detector.forward(to_tensor(&[&letterbox.image], &facekey::device::cpu()));
    let values = |t: Tensor<3>| t.into_data().iter::<f32>().collect::<Vec<_>>();
    decode(&values(boxes), &values(scores), &letterbox)
}

fn map(image: &RgbImage, change: impl Fn(u8) -> u8) -> RgbImage {
    let pixels = image.pixels().iter().map(|&v| change(v)).collect();
    RgbImage::new(image.width(), image.height(), pixels).unwrap()
}

/// The mean over a square of `2 * radius + 1` pixels.
fn blur(image: &RgbImage, radius: i64) -> RgbImage {
    let (width, height) = (i64::from(image.width()), i64::from(image.height()));
    let at = |x: i64, y: i64, c: i64| {
        let (x, y) = (x.clamp(0, width - 1), y.clamp(0, height - 1));
        u32::from(image.pixels()[((y * width + x) * 3 + c) as usize])
    };
    let mut pixels = Vec::new();
    for i in 0..width * height * 3 {
        let (c, x, y) = (i % 3, i / 3 % width, i / 3 / width);
        let square = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
        let sum: u32 = square.clone().map(|(dx, dy)| at(x + dx, y + dy, c)).sum();
        pixels.push((sum / square.count() as u32) as u8);
    }
    RgbImage::new(image.width(), image.height(), pixels).unwrap()
}

#[test]
#[ignore = "needs photos: ../shared/data/lfw-photos"]
fn faces_of_real_photos_are_found_and_judged() {
    let (photos, detector) = (photos(60), detector());
    let issue = |image: &RgbImage| -> Option<Option<QualityIssue>> {
        let found = detections(&detector, image);
        Some(quality::measure(image, found.first()?)?.issue)
    };
    let judged: Vec<_> = photos.iter().map(|photo| (photo, issue(photo))).collect();
    let found = judged.iter().filter(|(_, issue)| issue.is_some()).count();
    let good: Vec<_> = judged
        .iter()
        .filter(|(_, issue)| *issue == Some(None))
        .map(|(p, _)| *p)
        .collect();
    eprintln!(
        "{found} of {} faces found, {} without an issue",
        photos.len(),
        good.len()
    );
    assert!(found * 100 >= photos.len() * 98);
    assert!(good.len() * 100 >= photos.len() * 85);

    let dark = good
        .iter()
        .filter(|p| issue(&map(p, |v| v / 10)) != Some(None))
        .count();
    let blurred = good
        .iter()
        .filter(|p| issue(&blur(p, 4)) != Some(None))
        .count();
    eprintln!("of these, {dark} are refused when darkened, {blurred} when blurred");
    assert!(dark * 100 >= good.len() * 95);
    assert!(blurred * 100 >= good.len() * 90);
}
