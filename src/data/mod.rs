//! Image files: finding, reading, aligning and embedding them.
//!
//! ```text
//! walk      folders                       -> image files, and what was skipped
//! people    image files                   -> who is on them, by the folder they are in
//! groups    image files                   -> the sex and group of who is on them, by a table
//! files     a path                        -> text or a picture
//! align     photos                        -> a folder of aligned crops
//! embed     image files                   -> embeddings
//! dataset   folders of crops, or drawings -> images with identities
//! record    files                         -> what a result was made from, as hashes
//! output_file  a result                   -> a file, replaced as a whole or not at all
//! drawn     numbers                       -> drawn faces
//! random    a seed, a purpose, an index   -> random numbers
//! ```

pub mod align;
pub mod dataset;
pub mod drawn;
pub mod embed;
pub mod files;
pub mod groups;
pub mod output_file;
pub mod people;
pub mod random;
pub mod record;
pub mod walk;
