//! Aligns ordinary photos into the crops that training reads.
//!
//! Detecting the face in an image costs more than one training step on it, so alignment is done
//! once. The crops are kept in a folder, with a record of the photos and the detector. A later run
//! reuses the crops of unchanged photos, and removes the crops of missing photos.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::files::{self, Failure, appended};
use super::output_file;
use super::record::{self, Growing, Record};
use super::walk;
use crate::detect::Detector;
use crate::face::gate::Refusal;
use crate::face::{self, Face};
use crate::image::RgbImage;
use crate::net::CROP_SIZE;

/// The detector's name in a record.
const DETECTOR: &str = "detector";

/// The suffix that turns a photo's file name into its crop's.
const SUFFIX: &str = ".png";

/// Photos read at a time.
const BATCH: usize = 16;

/// The result of aligning a folder's photos.
#[derive(Debug, Default)]
pub struct Alignment {
    /// The crops' files.
    pub crops: Vec<PathBuf>,
    /// Photos without a crop, each with the reason.
    pub failures: Vec<(PathBuf, Failure)>,
    /// Number of photos with several faces.
    pub several_faces: usize,
}

/// Whether every image has the size of an aligned crop. Images whose size cannot be read are
/// ignored.
pub fn are_aligned(images: &[PathBuf]) -> bool {
    const SIZE: (u32, u32) = (CROP_SIZE as u32, CROP_SIZE as u32);
    images
        .par_iter()
        .all(|path| ::image::image_dimensions(path).map_or(true, |size| size == SIZE))
}

/// Aligns photos into a folder of crops.
pub struct Aligner<'a> {
    /// The face detector.
    pub detector: &'a Detector,
    /// The hash of the detector's weights.
    pub detector_hash: String,
    /// The root folder of the photos.
    pub root: &'a Path,
    /// The folder of the crops. Crops of missing photos are removed from it. Its record is a file
    /// in the same parent folder.
    pub crops: &'a Path,
}

impl Aligner<'_> {
    /// Writes the crop of the first face (the largest and most central) of each photo to the same
    /// relative path below the folder of crops, as PNG. Images of a crop's size are used as crops.
    /// `progress` gets the number of photos done since its last call.
    ///
    /// # Errors
    /// If a crop cannot be written. A photo without a usable face is not an error.
    pub fn align(&self, photos: &[PathBuf], progress: &dyn Fn(usize)) -> Result<Alignment> {
        let path = appended(self.crops, ".sha256");
        let known = self.known(Record::read(&path));
        self.remove_stale(photos)?;
        let mut record = Record::default();
        record.insert(DETECTOR.into(), self.detector_hash.clone());
        let mut record = Growing::start(record, known.clone(), &path)?;
        let mut result = Alignment::default();
        for batch in photos.chunks(BATCH) {
            let photos: Vec<_> = batch
                .par_iter()
                .map(|photo| self.open(photo, &known))
                .collect();
            for (path, photo) in batch.iter().zip(photos) {
                match photo.and_then(|photo| self.crop(photo)) {
                    Ok(crop) => self.keep(path, crop, &mut record, &mut result)?,
                    Err(failure) => result.failures.push((path.clone(), failure)),
                }
            }
            progress(batch.len());
        }
        record.finish()?;
        Ok(result)
    }

    /// The earlier `record`, if the same detector made its crops; otherwise an empty record.
    fn known(&self, record: Record) -> Record {
        match record.get(DETECTOR) == Some(&self.detector_hash) {
            true => record,
            false => Record::default(),
        }
    }

    /// The path of the crop of `photo`.
    fn place(&self, photo: &Path) -> PathBuf {
        let relative = photo.strip_prefix(self.root).unwrap_or(photo);
        appended(&self.crops.join(relative), SUFFIX)
    }

    /// Reads `photo`, and decodes it if no earlier crop can be reused.
    fn open(&self, photo: &Path, known: &Record) -> Result<Photo, Failure> {
        let bytes = fs::read(photo)?;
        let hash = record::hash(&bytes);
        let recorded = |kind, path: &Path, hash: &str| {
            known.get(&entry(kind, self.root_of(kind), path)) == Some(hash)
        };
        let place = self.place(photo);
        if recorded(Kind::Photo, photo, &hash)
            && let Ok(crop) = fs::read(&place)
            && recorded(Kind::Crop, &place, &record::hash(&crop))
        {
            return Ok(Photo {
                hash,
                content: Content::Crop(crop),
            });
        }
        let content = Content::Image(files::decode(&bytes)?);
        Ok(Photo { hash, content })
    }

    fn root_of(&self, kind: Kind) -> &Path {
        match kind {
            Kind::Photo => self.root,
            Kind::Crop => self.crops,
        }
    }

    /// The crop of `photo`.
    fn crop(&self, photo: Photo) -> Result<Crop, Failure> {
        let hash = photo.hash;
        let image = match photo.content {
            Content::Crop(file) => {
                return Ok(Crop {
                    photo: hash,
                    file,
                    new: false,
                    faces: 1,
                });
            }
            Content::Image(image) => image,
        };
        let is_crop = crate::face::align::is_crop(&image);
        let faces: Vec<Face> = match is_crop {
            true => Vec::new(),
            false => pollster::block_on(face::find(self.detector, &image))?,
        };
        let crop = match is_crop {
            true => image,
            false => faces.first().ok_or(Refusal::NoFace)?.crop(&image)?,
        };
        Ok(Crop {
            photo: hash,
            file: png(&crop),
            new: true,
            faces: faces.len(),
        })
    }

    /// Writes a crop if it is new, and records it.
    fn keep(
        &self,
        photo: &Path,
        crop: Crop,
        record: &mut Growing,
        result: &mut Alignment,
    ) -> Result<()> {
        let place = self.place(photo);
        if crop.new {
            output_file::replace(&place, &crop.file)?;
        }
        record.insert(
            entry(Kind::Crop, self.crops, &place),
            record::hash(&crop.file),
        )?;
        record.insert(entry(Kind::Photo, self.root, photo), crop.photo)?;
        result.several_faces += usize::from(crop.faces > 1);
        result.crops.push(place);
        Ok(())
    }

    /// Removes the crops of photos that are not among `photos`, and folders that become empty.
    /// Files without a crop's name are kept.
    fn remove_stale(&self, photos: &[PathBuf]) -> Result<()> {
        if !self.crops.exists() {
            return Ok(());
        }
        let wanted: BTreeSet<PathBuf> = photos.iter().map(|photo| self.place(photo)).collect();
        let listed = walk::images(self.crops)
            .with_context(|| format!("cannot read {}", self.crops.display()))?;
        let stale = listed.images.into_iter().filter(|path| {
            let of_photo = path.extension().is_some_and(|extension| extension == "png")
                && walk::is_image(&path.with_extension(""));
            of_photo && !wanted.contains(path)
        });
        for path in stale {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
            let mut folder = path.parent();
            // `remove_dir` removes only empty folders.
            while let Some(empty) =
                folder.filter(|it| *it != self.crops && fs::remove_dir(it).is_ok())
            {
                folder = empty.parent();
            }
        }
        Ok(())
    }
}

/// The kind of a record's entry.
#[derive(Clone, Copy)]
enum Kind {
    Photo,
    Crop,
}

/// A photo's file.
struct Photo {
    hash: String,
    content: Content,
}

enum Content {
    /// The file of an earlier crop of this photo.
    Crop(Vec<u8>),
    Image(RgbImage),
}

/// A crop's file.
struct Crop {
    /// The hash of the photo.
    photo: String,
    file: Vec<u8>,
    new: bool,
    /// Number of faces in the photo.
    faces: usize,
}

/// The name of a photo or crop in a record.
fn entry(kind: Kind, root: &Path, path: &Path) -> String {
    let kind = match kind {
        Kind::Photo => "photos",
        Kind::Crop => "crops",
    };
    format!("{kind}/{}", record::name(root, path))
}

fn png(crop: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    ::image::write_buffer_with_format(
        &mut bytes,
        crop.pixels(),
        crop.width(),
        crop.height(),
        ::image::ExtendedColorType::Rgb8,
        ::image::ImageFormat::Png,
    )
    .expect("a crop fits a PNG in memory");
    bytes.into_inner()
}
