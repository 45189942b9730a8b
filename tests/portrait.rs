//! The whole pipeline from a picture to a decision, with the shipped weights, on a portrait with a
//! free licence.
//!
//! Accuracy needs many people, so it is measured elsewhere. These tests show that the parts work
//! together: the face is found at its position, its embedding is robust against changes of the
//! picture, and no other face is accepted.
#![cfg(feature = "native")]

use std::path::Path;
use std::sync::LazyLock;

use facekey::data::drawn;
use facekey::device;
use facekey::engine::{Engine, Observed};
use facekey::error::Error;
use facekey::face::QualityIssue;
use facekey::geometry::Point;
use facekey::image::{RgbImage, decode};
use facekey::verify::decision::{Calibrations, Decision, decide};
use facekey::verify::embedding::Embedding;
use facekey::verify::template::Template;
use pollster::block_on;

const FMR: f64 = 1e-3;

static ENGINE: LazyLock<Engine> = LazyLock::new(engine);

fn engine() -> Engine {
    let [detector, weights, mesh] = ["blazeface.safetensors", "facenet.bpk", "mesh.safetensors"]
        .map(|name| {
            let path = root().join("www/models").join(name);
            std::fs::read(&path)
                .unwrap_or_else(|error| panic!("{}: {error}; run scripts/setup", path.display()))
        });
    let engine = Engine::load(detector, weights, device::cpu()).unwrap();
    engine.load_mesh(&mesh).unwrap();
    engine
}

static PORTRAIT: LazyLock<RgbImage> = LazyLock::new(|| {
    let path = root().join("tests/fixtures/astronaut.jpg");
    decode(&std::fs::read(path).unwrap()).unwrap()
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn calibrations() -> &'static Calibrations {
    let calibrations = ENGINE.metadata().calibration.as_ref();
    calibrations.expect("the shipped weights are calibrated")
}

fn look(picture: &RgbImage) -> Observed {
    block_on(ENGINE.detect_and_embed(picture, true)).unwrap()
}

/// The embedding of the only face in `picture`.
fn embed(picture: &RgbImage) -> Embedding {
    look(picture).embedding.expect("one face")
}

/// The warped portrait: `from` maps a position in the result to a position in the portrait.
fn warped(width: u32, height: u32, from: impl Fn(f32, f32) -> (f32, f32)) -> RgbImage {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x as f32, y as f32)));
    let pixels = places.flat_map(|(x, y)| {
        let (x, y) = from(x, y);
        PORTRAIT.sample(x, y).map(|value| value.round() as u8)
    });
    RgbImage::new(width, height, pixels.collect()).unwrap()
}

fn mirrored() -> RgbImage {
    let last = PORTRAIT.width() as f32 - 1.0;
    warped(PORTRAIT.width(), PORTRAIT.height(), |x, y| (last - x, y))
}

/// The portrait at 1.5 times its size, tilted by 10 degrees.
fn tilted() -> RgbImage {
    let (sin, cos) = 10f32.to_radians().sin_cos();
    let (width, height) = (PORTRAIT.width() * 3 / 2, PORTRAIT.height() * 3 / 2);
    let (cx, cy) = (width as f32 / 2.0, height as f32 / 2.0);
    warped(width, height, |x, y| {
        let (x, y) = (x - cx, y - cy);
        let (x, y) = (cos * x - sin * y, sin * x + cos * y);
        ((x + cx) / 1.5, (y + cy) / 1.5)
    })
}

fn darkened(divisor: u8) -> RgbImage {
    PORTRAIT.with_pixels(PORTRAIT.pixels().iter().map(|v| v / divisor).collect())
}

fn template() -> Template {
    Template::new(
        [mirrored(), darkened(2), tilted()]
            .iter()
            .map(embed)
            .collect(),
    )
    .unwrap()
}

fn compare(probe: &Embedding) -> Decision {
    decide(&template(), probe, calibrations(), FMR)
}

/// The portrait with a black bar over the eyes.
fn barred() -> RgbImage {
    let (width, mut pixels) = (PORTRAIT.width() as usize, PORTRAIT.pixels().to_vec());
    for row in 93..111 {
        pixels[(row * width + 85) * 3..(row * width + 165) * 3].fill(0);
    }
    PORTRAIT.with_pixels(pixels)
}

#[test]
fn a_covered_face_gets_no_embedding() {
    let faces = look(&PORTRAIT).faces;
    assert!(block_on(ENGINE.embed_face(&PORTRAIT, &faces[0])).is_ok());
    let covered = block_on(ENGINE.embed_face(&barred(), &faces[0]));
    assert!(matches!(covered, Err(Error::Covered)), "{covered:?}");
    let observed = look(&barred());
    assert!(observed.embedding.is_none());
    let issues = observed.faces.iter().map(|face| face.quality.issue);
    assert!(issues.eq([Some(QualityIssue::Covered)]));
}

/// The CPU's kernels compute the mesh that plain Burn computes.
#[test]
fn kernels_find_the_same_mesh() {
    let [ours, burns] = [engine(), engine().without_kernels()].map(|engine| {
        let followed = block_on(engine.follow(&PORTRAIT, None, false)).unwrap();
        followed.mesh.expect("there is a face")
    });
    for (a, b) in ours.points().iter().zip(burns.points()) {
        assert!(a.distance(*b) < 0.02, "{a:?} and {b:?}");
    }
    for (a, b) in ours.depths().iter().zip(burns.depths()) {
        assert!((a - b).abs() < 0.02, "{a} and {b}");
    }
}

#[test]
fn finds_the_face_and_its_landmarks() {
    let faces = look(&PORTRAIT).faces;
    let [face] = &faces[..] else {
        panic!("{} faces", faces.len())
    };
    assert!(face.score > 0.8, "score {}", face.score);
    assert_eq!(face.quality.issue, None);
    // These positions were read from the picture by eye.
    let landmarks = &face.landmarks;
    for (name, found, x, y) in [
        ("left eye", landmarks.left_eye, 103.0, 100.0),
        ("right eye", landmarks.right_eye, 146.0, 103.0),
        ("nose", landmarks.nose, 126.0, 122.0),
        ("mouth", landmarks.mouth, 125.0, 144.0),
    ] {
        let off = distance(found, Point { x, y });
        assert!(off < 8.0, "{name} is at {found:?}, {off} pixels off");
    }
}

fn distance(a: Point, b: Point) -> f32 {
    (a.x - b.x).hypot(a.y - b.y)
}

#[test]
fn finds_nobody_where_there_is_nobody() {
    let sky = RgbImage::new(256, 256, vec![128; 256 * 256 * 3]).unwrap();
    assert_eq!(look(&sky).faces, []);
    let edge = warped(256, 256, |x, y| (x / 8.0, y / 8.0 + 200.0));
    assert_eq!(look(&edge).faces, []);
}

#[test]
fn refuses_a_face_in_the_dark() {
    let faces = look(&darkened(8)).faces;
    let issues: Vec<_> = faces.iter().map(|face| face.quality.issue).collect();
    assert_eq!(issues, [Some(QualityIssue::TooDark)]);
}

#[test]
fn an_aligned_crop_has_eyes_and_mouth_where_the_template_has_them() {
    let crop = |picture: &RgbImage| look(picture).faces[0].crop(picture).unwrap();
    // The same head, tilted and enlarged, gives the same crop, except for resampling errors.
    let (straight, tilted) = (crop(&PORTRAIT), crop(&tilted()));
    assert_eq!((straight.width(), straight.height()), (112, 112));
    let pairs = straight.pixels().iter().zip(tilted.pixels());
    let off: u64 = pairs.map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let off = off as f64 / straight.pixels().len() as f64;
    assert!(off < 16.0, "pixels differ by {off} in the mean");
}

#[test]
fn an_embedding_survives_changes_of_the_picture() {
    let straight = embed(&PORTRAIT);
    for (change, picture) in [
        ("mirrored", mirrored()),
        ("darkened", darkened(2)),
        ("tilted", tilted()),
    ] {
        let cosine = embed(&picture).cosine(&straight);
        assert!((0.7..0.9999).contains(&cosine), "{change}: cosine {cosine}");
    }
}

#[test]
fn an_enrolled_person_is_accepted() {
    let decision = compare(&embed(&PORTRAIT));
    assert!(decision.accepted, "{decision:?}");
    assert!(decision.fmr.fmr <= FMR, "{decision:?}");
}

#[test]
fn other_faces_are_refused() {
    let strangers: Vec<_> = (0..20).map(|person| drawn::draw(7, person, 0)).collect();
    for (person, probe) in block_on(ENGINE.embed(&strangers))
        .unwrap()
        .iter()
        .enumerate()
    {
        let decision = compare(probe);
        assert!(!decision.accepted, "drawn person {person}: {decision:?}");
    }
}

#[test]
fn nobody_is_accepted_at_a_rate_that_was_not_measured() {
    let decision = decide(&template(), &embed(&PORTRAIT), calibrations(), 1e-12);
    assert!(
        !decision.accepted && decision.threshold.is_none(),
        "{decision:?}"
    );
}
