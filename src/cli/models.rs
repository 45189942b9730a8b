//! The networks that commands use, and the search for their files.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use super::common::{self, Progress};
use super::output::note;
use crate::data::embed::{Embeddings, Take, embed_files};
use crate::data::record;
use crate::detect::Detector;
use crate::device;
use crate::engine::Engine;
use crate::net::FaceNet;
use crate::net::refiner::Refiner;
use crate::net::weights::{self, Metadata};

/// The folder of model files in a checkout.
const CHECKOUT: &str = "www/models";

/// The environment variable with the folder of model files.
const VARIABLE: &str = "FACEKEY_MODELS";

/// A file that a model is loaded from.
struct ModelFile {
    name: &'static str,
    option: &'static str,
    /// How to get the file.
    remedy: &'static str,
}

const WEIGHTS: ModelFile = ModelFile {
    name: "facenet.bpk",
    option: "--weights",
    remedy: "create it with `facekey train`",
};

const DETECTOR: ModelFile = ModelFile {
    name: "blazeface.safetensors",
    option: "--detector",
    remedy: "make it with scripts/setup",
};

const MESH: ModelFile = ModelFile {
    name: "mesh.safetensors",
    option: "--mesh",
    remedy: "make it with scripts/setup",
};

/// The face mesh's weights, in the `given` file or among the models.
///
/// # Errors
/// If the file is not found or cannot be read.
pub fn mesh(given: Option<&Path>) -> Result<Vec<u8>> {
    read(&MESH.find(given)?)
}

/// The networks to use, and the kind of images.
#[derive(Debug, clap::Args)]
pub struct ModelArgs {
    /// Weights of the embedding network [default: facenet.bpk among the models]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    detector: DetectorArgs,
    /// Treat the images as aligned 112x112 crops; skip detection
    #[arg(long)]
    pub aligned: bool,
}

impl ModelArgs {
    /// The weights' file.
    ///
    /// # Errors
    /// If it is not found.
    pub fn weights(&self) -> Result<PathBuf> {
        WEIGHTS.find(self.weights.as_deref())
    }

    /// Loads both networks.
    ///
    /// # Errors
    /// If a file is missing or unusable.
    pub fn load(&self) -> Result<Engine> {
        let path = self.weights()?;
        let weights = read(&path)?;
        let detector = read(&self.detector.path()?)?;
        Engine::load(detector, weights, device::cpu())
            .with_context(|| format!("cannot load {}", path.display()))
    }

    /// The part of each file to embed, for commands that use one face.
    pub fn take(&self) -> Take {
        self.take_or(Take::FirstFace)
    }

    /// [`Take::Crop`] with `--aligned`, otherwise `take`.
    fn take_or(&self, take: Take) -> Take {
        if self.aligned { Take::Crop } else { take }
    }

    /// Embeds the first face of each file, and prints the files that failed.
    ///
    /// # Errors
    /// If no file holds a face.
    pub fn embed(&self, engine: &Engine, paths: &[PathBuf]) -> Result<Embeddings> {
        self.embed_faces(engine, paths, Take::FirstFace)
    }

    /// Embeds every face of each file, and prints the files that failed.
    ///
    /// # Errors
    /// If no file holds a face.
    pub fn embed_all(&self, engine: &Engine, paths: &[PathBuf]) -> Result<Embeddings> {
        self.embed_faces(engine, paths, Take::EveryFace)
    }

    fn embed_faces(&self, engine: &Engine, paths: &[PathBuf], take: Take) -> Result<Embeddings> {
        let take = self.take_or(take);
        let progress = Progress::new(paths.len());
        let embeddings = embed_files(engine, paths, take, &progress.advance())?;
        drop(progress);
        common::report_failures(&embeddings.failures, paths.len());
        let several = embeddings.several_faces.len();
        if several > 0 {
            note!(
                "{several} images show several faces; of each the largest and most central is used"
            );
        }
        let poor = embeddings.faces.iter().filter(|face| face.issue.is_some());
        match poor.count() {
            0 => {}
            poor => {
                note!("{poor} faces are used that `verify` would refuse for their quality")
            }
        }
        if embeddings.faces.is_empty() {
            bail!("none of {} images gave an embedding", paths.len());
        }
        Ok(embeddings)
    }
}

/// The detector to use.
#[derive(Debug, clap::Args)]
pub struct DetectorArgs {
    /// Weights of the face detector, needed for photos [default: blazeface.safetensors among the
    /// models]
    #[arg(long, value_name = "FILE")]
    detector: Option<PathBuf>,
}

impl DetectorArgs {
    fn path(&self) -> Result<PathBuf> {
        DETECTOR.find(self.detector.as_deref())
    }

    /// Loads the detector; also returns the hash of its weights.
    ///
    /// # Errors
    /// If the file is missing or unusable.
    pub fn load(&self) -> Result<(Detector, String)> {
        let path = self.path()?;
        let bytes = read(&path)?;
        let detector = Detector::load(&bytes, &device::cpu())
            .with_context(|| format!("cannot load {}", path.display()))?;
        Ok((detector, record::hash(&bytes)))
    }
}

impl ModelFile {
    /// The `given` file, or the first one of this name in the folders of model files.
    fn find(&self, given: Option<&Path>) -> Result<PathBuf> {
        let Self {
            name,
            option,
            remedy,
        } = self;
        if let Some(path) = given {
            if !path.exists() {
                bail!("cannot find {} ({option}): {remedy}", path.display());
            }
            return Ok(path.into());
        }
        let folders = folders();
        let files = folders.iter().map(|folder| folder.join(name));
        files.into_iter().find(|file| file.is_file()).with_context(|| {
            let looked: Vec<_> = folders.iter().map(|it| it.display().to_string()).collect();
            format!(
                "cannot find {CHECKOUT}/{name}: {remedy}, give it with {option}, or set {VARIABLE} \
                 to its folder (looked in {})",
                looked.join(", ")
            )
        })
    }
}

/// The folders in which model files are searched for, in this order: the one in the environment
/// variable, those beside the program, the data folders of the user and the system, and that of a
/// checkout around the working folder.
fn folders() -> Vec<PathBuf> {
    let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
    let mut folders: Vec<PathBuf> = variable(VARIABLE).map(PathBuf::from).into_iter().collect();
    let program = env::current_exe().and_then(|path| path.canonicalize());
    if let Some(beside) = program.ok().as_deref().and_then(Path::parent) {
        folders.extend([beside.join("models"), beside.into()]);
        folders.extend(beside.parent().map(|root| root.join("share/facekey")));
    }
    let home = env::home_dir();
    let own = match variable("XDG_DATA_HOME").or_else(|| variable("LOCALAPPDATA")) {
        Some(folder) => Some(PathBuf::from(folder)),
        None if cfg!(target_os = "macos") => home.map(|it| it.join("Library/Application Support")),
        None => home.map(|it| it.join(".local/share")),
    };
    folders.extend(own.map(|folder| folder.join("facekey")));
    if cfg!(unix) {
        let shared = variable("XDG_DATA_DIRS").unwrap_or("/usr/local/share:/usr/share".into());
        folders.extend(env::split_paths(&shared).map(|folder| folder.join("facekey")));
    }
    let here = env::current_dir().unwrap_or_default();
    folders.extend(here.ancestors().map(|folder| folder.join(CHECKOUT)));
    folders
}

/// The bytes of a model file.
///
/// # Errors
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The network of a weights file, for further training or averaging, and the metadata.
///
/// # Errors
/// If the file cannot be read, or holds no weights.
pub fn open_weights(path: &Path) -> Result<(FaceNet, Metadata)> {
    let bytes = read(path)?;
    weights::load(bytes, &device::cpu()).with_context(|| format!("cannot load {}", path.display()))
}

/// The refiner of the weights at `path`, and its SHA-256.
///
/// # Errors
/// If the file cannot be read, is not a valid weights file, or has no refiner.
pub fn open_refiner(path: &Path) -> Result<(Arc<Refiner>, String)> {
    find_refiner(path)?.with_context(|| {
        let path = path.display();
        format!("{path} has no refiner: `facekey refiner` adds one")
    })
}

/// The refiner of the weights at `path`, if they have one, and its SHA-256.
///
/// # Errors
/// If the file cannot be read, or is not a valid weights file.
pub fn find_refiner(path: &Path) -> Result<Option<(Arc<Refiner>, String)>> {
    let (_, metadata) = open_weights(path)?;
    let refiner = metadata.refiner.map(Arc::new);
    Ok(refiner.zip(metadata.refiner_sha256))
}
