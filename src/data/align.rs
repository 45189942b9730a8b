//! Photos as people have them, made into the aligned crops that training reads.
//!
//! Detection costs more than a training step's part of an image, so it is done once. The crops are
//! kept in a folder with a record of the photos and the detector that they were made from: a later
//! run takes over those whose photo is unchanged, and removes those whose photo is gone.

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rayon::prelude::*;

use super::files::{self, Failure, appended};
use super::record::{self, Growing, Record};
use super::walk;
use crate::detect::Detector;
use crate::face::gate::Refusal;
use crate::face::{self, Face};
use crate::image::RgbImage;
use crate::net::CROP_SIZE;

/// Under what name a record holds the detector.
const DETECTOR: &str = "detector";

/// What is appended to a photo's name for that of its crop.
const SUFFIX: &str = ".png";

/// Photos looked up and read at a time.
const BATCH: usize = 16;

/// What became of a folder's photos.
#[derive(Debug, Default)]
pub struct Alignment {
    /// The crops' files.
    pub crops: Vec<PathBuf>,
    /// Photos that gave none, each with its reason.
    pub failures: Vec<(PathBuf, Failure)>,
    /// Photos with more faces than the one that was taken.
    pub several_faces: usize,
}

/// Whether every image whose size can be told has that of an aligned crop.
pub fn are_aligned(images: &[PathBuf]) -> bool {
    const SIZE: (u32, u32) = (CROP_SIZE as u32, CROP_SIZE as u32);
    images
        .par_iter()
        .all(|path| ::image::image_dimensions(path).map_or(true, |size| size == SIZE))
}

/// Aligns photos into a folder of crops.
pub struct Aligner<'a> {
    /// What finds the faces.
    pub detector: &'a Detector,
    /// The hash of the detector's weights.
    pub detector_hash: String,
    /// The folder that the photos lie below.
    pub root: &'a Path,
    /// Where the crops go. Crops of photos that are no longer there are removed from it; beside it
    /// lies its record.
    pub crops: &'a Path,
}

impl Aligner<'_> {
    /// Writes the crop of the first face (the largest and most central) of each photo to the same
    /// relative path below the folder of crops, as PNG. Images of a crop's size are taken as crops.
    /// `progress` is told how many photos were done.
    ///
    /// # Errors
    /// Where a crop cannot be written. A photo without a usable face is no error.
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

    /// What an earlier `record` says of crops that this detector made.
    fn known(&self, record: Record) -> Record {
        match record.get(DETECTOR) == Some(&self.detector_hash) {
            true => record,
            false => Record::default(),
        }
    }

    /// Where the crop of `photo` goes.
    fn place(&self, photo: &Path) -> PathBuf {
        let relative = photo.strip_prefix(self.root).unwrap_or(photo);
        appended(&self.crops.join(relative), SUFFIX)
    }

    /// Reads `photo`, and decodes it where no earlier crop can be taken over.
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

    /// Writes a crop where it is new, and records it.
    fn keep(
        &self,
        photo: &Path,
        crop: Crop,
        record: &mut Growing,
        result: &mut Alignment,
    ) -> Result<()> {
        let place = self.place(photo);
        if crop.new {
            files::replace(&place, &crop.file)?;
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

    /// Removes the crops of photos that are not among `photos`, and folders that this empties.
    /// A file that has no crop's name is left alone.
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
            // Only empty folders can be removed so.
            while let Some(empty) =
                folder.filter(|it| *it != self.crops && fs::remove_dir(it).is_ok())
            {
                folder = empty.parent();
            }
        }
        Ok(())
    }
}

/// What a record's entry is about.
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
    /// The file of the crop that was made of it earlier.
    Crop(Vec<u8>),
    Image(RgbImage),
}

/// A crop's file.
struct Crop {
    /// The hash of its photo.
    photo: String,
    file: Vec<u8>,
    new: bool,
    /// Faces in its photo.
    faces: usize,
}

/// Under what name a record holds a photo or crop.
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
