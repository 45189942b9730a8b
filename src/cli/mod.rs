//! The program's subcommands, one file each.
