//! Numbers on the command line; each has a range, which `--help` names.

use std::fmt;
use std::ops::RangeInclusive;

use clap::builder::{RangedU64ValueParser, TypedValueParser, ValueParser};

/// A range of numbers.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    least: f64,
    most: f64,
    /// Whether the ends are excluded.
    open: bool,
}

/// An error rate.
pub const RATE: Range = Range::between(0.0, 1.0);
/// A share.
pub const PART: Range = Range::from(0.0, 1.0);
/// The weight of a cohort. Centres are stored in steps, which are too coarse for a lower weight.
pub const COHORT_WEIGHT: Range = Range::from(0.1, 1.0);
/// The margin of the triplet loss, in squared distance.
pub const MARGIN: Range = Range::from(0.0, 4.0);
/// A score.
pub const SCORE: Range = Range::from(-2.0, 6.0);
/// The weight of a term of the loss.
pub const WEIGHT: Range = Range::from(0.0, 1000.0);
/// A peak learning rate. The ends are far from all sensible values.
pub const LEARNING_RATE: Range = Range::between(0.0, 1e31);
/// Frames a second of a camera.
pub const FRAME_RATE: Range = Range::from(1.0, 60.0);
/// A run's length in passes over the images.
pub const EPOCHS: Range = Range::between(0.0, 1e6);
/// A run's length in minutes; the limit is about ten years.
pub const MINUTES: Range = Range::between(0.0, 5e6);

impl Range {
    const fn from(least: f64, most: f64) -> Self {
        Self {
            least,
            most,
            open: false,
        }
    }

    const fn between(least: f64, most: f64) -> Self {
        Self {
            least,
            most,
            open: true,
        }
    }

    fn contains(&self, number: f64) -> bool {
        match self.open {
            true => self.least < number && number < self.most,
            false => self.least <= number && number <= self.most,
        }
    }

    fn parse(self, text: &str) -> Result<f64, String> {
        let number = text.parse().ok().filter(|number| self.contains(*number));
        number.ok_or_else(|| format!("expected a number {self}"))
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, most, .. } = *self;
        let most = match most < 1e15 {
            true => most.to_string(),
            false => format!("{most:e}"),
        };
        match self.open {
            true => write!(f, "above {least} and below {most}"),
            false => write!(f, "from {least} to {most}"),
        }
    }
}

/// Parses a number in `range`.
pub fn number(range: Range) -> ValueParser {
    ValueParser::new(move |text: &str| range.parse(text))
}

/// Parses a number in `range`, in single precision.
pub fn single(range: Range) -> ValueParser {
    ValueParser::new(move |text: &str| range.parse(text).map(|number| number as f32))
}

/// Parses a whole number in `range`.
pub fn count(range: RangeInclusive<u64>) -> impl TypedValueParser<Value = usize> {
    RangedU64ValueParser::new().range(range)
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use clap::{Arg, Command, CommandFactory};

    use super::*;
    use crate::cli::Cli;

    fn is_number(argument: &Arg) -> bool {
        let kind = argument.get_value_parser().type_id();
        [
            TypeId::of::<f32>(),
            TypeId::of::<f64>(),
            TypeId::of::<usize>(),
            TypeId::of::<u64>(),
        ]
        .iter()
        .any(|number| kind == *number)
    }

    fn numbers(command: &Command) -> Vec<&Arg> {
        let arguments = command.get_arguments();
        arguments.filter(|argument| is_number(argument)).collect()
    }

    #[test]
    fn every_number_on_the_command_line_has_its_range_in_the_help() {
        let command = Cli::command();
        let mut found = 0;
        for command in command.get_subcommands() {
            for argument in numbers(command) {
                let help = argument.get_help().unwrap().to_string();
                let place = format!("{} {}", command.get_name(), argument.get_id());
                let named = ["from ", "above ", "any whole number"];
                assert!(
                    named.iter().any(|word| help.contains(word)),
                    "{place}: {help}"
                );
                found += 1;
            }
        }
        assert!(found > 20, "{found} numbers");
    }

    #[test]
    fn what_is_no_sensible_number_is_refused_by_name() {
        let command = Cli::command();
        for subcommand in command.get_subcommands() {
            for argument in numbers(subcommand) {
                let Some(long) = argument.get_long() else {
                    continue;
                };
                // A threshold is a score, of which the lowest is below zero.
                let least = if long == "threshold" { "-3" } else { "-1" };
                for value in ["nan", "inf", "-inf", "1e300", least, "1e40", "x", ""] {
                    let option = format!("--{long}={value}");
                    let line = ["facekey", subcommand.get_name(), &option];
                    let error = command.clone().try_get_matches_from(line).unwrap_err();
                    let kind = error.kind();
                    let refused = [
                        clap::error::ErrorKind::ValueValidation,
                        clap::error::ErrorKind::InvalidValue,
                    ];
                    assert!(refused.contains(&kind), "{option}: {kind:?} {error}");
                    assert!(error.to_string().contains(long), "{error}");
                }
            }
        }
    }

    #[test]
    fn the_ends_of_a_range_are_in_it_where_it_says_so() {
        assert_eq!(PART.parse("0"), Ok(0.0));
        assert_eq!(PART.parse("1"), Ok(1.0));
        assert_eq!(RATE.parse("0.001"), Ok(0.001));
        let error = RATE.parse("0").unwrap_err();
        assert_eq!(error, "expected a number above 0 and below 1");
        assert_eq!(SCORE.parse("-2"), Ok(-2.0));
    }
}
