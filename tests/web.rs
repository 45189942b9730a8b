//! The wasm API in a real browser, on the CPU: `wasm-pack test --headless --chrome`.
#![cfg(target_arch = "wasm32")]

use facekey::web::Engine;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const DETECTOR: &[u8] = include_bytes!("../www/models/blazeface.safetensors");
const MESH: &[u8] = include_bytes!("../www/models/mesh.safetensors");
const WEIGHTS: &[u8] = include_bytes!("../www/models/facenet.bpk");
/// A face, 112x112, RGB.
const FACE: &[u8] = include_bytes!("fixtures/astronaut-face.rgb");
const SIDE: u32 = 160;

async fn engine() -> Engine {
    Engine::load(DETECTOR.to_vec(), WEIGHTS.to_vec(), "cpu")
        .await
        .unwrap()
}

/// A grey picture.
fn picture() -> Vec<u8> {
    vec![128; (SIDE * SIDE * 4) as usize]
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

fn code<T>(result: Result<T, JsValue>) -> String {
    let error = result.err().expect("an error is expected");
    assert_eq!(get(&error, "name"), "FacekeyError");
    assert!(!get(&error, "message").as_string().unwrap().is_empty());
    get(&error, "code").as_string().unwrap()
}

/// A face in the form that `detect` returns; `at` maps the positions of its landmarks.
fn face(at: impl Fn(f64, f64) -> (f64, f64)) -> JsValue {
    let point = |x, y| {
        let (x, y) = at(x, y);
        format!(r#"{{"x":{x},"y":{y}}}"#)
    };
    let json = format!(
        r#"{{"bounds":{{"x":20,"y":20,"width":100,"height":100}},"score":0.9,
            "landmarks":{{"leftEye":{},"rightEye":{},"nose":{},"mouth":{},"leftEar":{},"rightEar":{}}},
            "quality":{{"size":35,"brightness":0.5,"contrast":0.2,"sharpness":0.2,"yaw":0,"pitch":0,"roll":0}}}}"#,
        point(60.0, 60.0),
        point(100.0, 60.0),
        point(80.0, 85.0),
        point(80.0, 105.0),
        point(45.0, 70.0),
        point(115.0, 70.0),
    );
    js_sys::JSON::parse(&json).unwrap()
}

#[wasm_bindgen_test]
async fn embeds_as_the_native_program_did() {
    let cosine = engine().await.self_test(4).await.unwrap();
    assert!(cosine >= 0.9999, "{cosine}");
}

#[wasm_bindgen_test]
async fn tells_what_is_loaded() {
    let model = engine().await.model().unwrap();
    assert_eq!(get(&model, "backend"), "cpu");
    assert_eq!(get(&model, "id").as_string().unwrap().len(), 16);
    assert!(get(&model, "impostorTrials").as_f64().unwrap() > 0.0);
    assert!(js_sys::Array::from(&get(&model, "thresholds")).length() > 0);
}

#[wasm_bindgen_test]
async fn finds_no_face_where_there_is_none() {
    let engine = engine().await;
    for live in [None, Some(true)] {
        let detected = engine.detect(picture(), SIDE, SIDE, live).await.unwrap();
        assert_eq!(js_sys::Array::from(&get(&detected, "faces")).length(), 0);
        assert_eq!(get(&detected, "problem"), "no-face");
    }
}

#[wasm_bindgen_test]
async fn embeds_and_decides() {
    let engine = engine().await;
    let (pixels, _) = FACE.as_chunks::<3>();
    let rgba: Vec<u8> = pixels
        .iter()
        .flat_map(|[r, g, b]| [*r, *g, *b, 255])
        .collect();
    let there = face(|x, y| (1.07 * x - 27.0, y - 8.0));
    let embedded = engine.embed(rgba, 112, 112, there, None).await.unwrap();
    let embedding = js_sys::Float32Array::from(get(&embedded, "embedding")).to_vec();
    let norm: f32 = embedding.iter().map(|v| v * v).sum();
    assert_eq!(embedding.len(), 128);
    assert!((norm - 1.0).abs() < 1e-3, "{norm}");
    let opposite: Vec<f32> = embedding.iter().map(|v| -v).collect();
    let same = engine.decide(&embedding, &embedding, 1e-2).unwrap();
    let other = engine.decide(&embedding, &opposite, 1e-2).unwrap();
    assert_eq!(get(&same, "accepted"), true);
    assert_eq!(get(&other, "accepted"), false);
}

#[wasm_bindgen_test]
async fn embeds_nothing_where_no_face_can_be_seen() {
    let engine = engine().await;
    let embed = |choice| engine.embed(picture(), SIDE, SIDE, choice, None);
    assert_eq!(code(embed(face(|x, y| (x, y))).await), "covered");
    assert_eq!(code(embed("only".into()).await), "no-face");
    assert_eq!(code(embed("largest".into()).await), "no-face");
}

#[wasm_bindgen_test]
async fn a_movement_check_without_a_face_asks_for_one_and_gives_up() {
    let engine = engine().await;
    let challenge = engine.challenge(MESH).unwrap();
    let observe = |time| engine.observe(&challenge, picture(), SIDE, SIDE, time);
    let observed = observe(0.0).await.unwrap();
    assert_eq!(js_sys::Array::from(&get(&observed, "faces")).length(), 0);
    let state = get(&observed, "state");
    assert_eq!(get(&state, "status"), "asking");
    assert_eq!(get(&state, "instruction"), "neutral");
    assert_eq!(get(&state, "hint"), "no-face");
    let state = get(&observe(30_000.0).await.unwrap(), "state");
    assert_eq!(get(&state, "status"), "failed");
    assert_eq!(get(&state, "reason"), "no-neutral");
    assert!(challenge.probes().is_empty());
}

#[wasm_bindgen_test]
async fn refuses_what_it_cannot_use_and_goes_on() {
    let engine = engine().await;
    let load = |weights: Vec<u8>| Engine::load(DETECTOR.to_vec(), weights, "cpu");
    assert_eq!(code(load(Vec::new()).await), "weights-truncated");
    let mut damaged = WEIGHTS.to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    assert_eq!(code(load(damaged).await), "weights-corrupt");
    let detector = Engine::load(b"nothing".to_vec(), WEIGHTS.to_vec(), "cpu").await;
    assert_eq!(code(detector), "detector-weights");
    assert_eq!(code(engine.challenge(b"nothing")), "mesh-weights");
    let webgpu = Engine::load(DETECTOR.to_vec(), WEIGHTS.to_vec(), "webgpu").await;
    assert_eq!(code(webgpu), "webgpu-unavailable");
    assert_eq!(
        code(engine.detect(vec![0; 7], SIDE, SIDE, None).await),
        "image-size"
    );
    assert_eq!(
        code(engine.detect(Vec::new(), 0, 0, None).await),
        "image-size"
    );
    assert_eq!(
        code(engine.detect(Vec::new(), 1 << 31, 1 << 31, None).await),
        "image-too-large"
    );
    let coinciding = face(|_, _| (50.0, 50.0));
    assert_eq!(
        code(engine.embed(picture(), SIDE, SIDE, coinciding, None).await),
        "bad-face"
    );
    assert_eq!(
        code(
            engine
                .embed(picture(), SIDE, SIDE, JsValue::NULL, None)
                .await
        ),
        "bad-face"
    );
    assert_eq!(
        code(engine.decide(&[1.0; 128], &[f32::NAN; 128], 1e-2)),
        "bad-embedding"
    );
    assert_eq!(code(engine.decide(&[], &[1.0; 128], 1e-2)), "bad-embedding");
    assert!(engine.self_test(4).await.unwrap() >= 0.9999);
}
