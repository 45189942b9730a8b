//! The curves of a training run.

use anyhow::Result;
use plotters::prelude::*;

use crate::train::log::Entry;

/// The curves of a run's log, drawn as SVG: the loss above, the validation below.
///
/// # Errors
/// If the picture cannot be drawn.
pub fn curves_svg(entries: &[Entry]) -> Result<String> {
    let mut losses = Vec::new();
    let (mut auc, mut val) = (Vec::new(), Vec::new());
    for entry in entries {
        match *entry {
            Entry::Step { step, loss, .. } => losses.push((step as f64, f64::from(loss))),
            Entry::Validation {
                step,
                auc: area,
                val_at_far_1e3,
            } => {
                auc.push((step as f64, area));
                val.push((step as f64, val_at_far_1e3));
            }
        }
    }
    let mut svg = String::new();
    let root = SVGBackend::with_string(&mut svg, (900, 700)).into_drawing_area();
    root.fill(&WHITE)?;
    let (above, below) = root.split_vertically(350);
    curves(
        &above,
        "training loss (mean of 20 steps)",
        &[("loss", &smooth(&losses, 20), BLUE)],
    )?;
    let validation = [("AUC", &auc[..], GREEN), ("VAL@FAR=1e-3", &val[..], RED)];
    curves(
        &below,
        "validation on identities not in the training data",
        &validation,
    )?;
    root.present()?;
    drop((root, above, below));
    Ok(svg)
}

fn smooth(points: &[(f64, f64)], window: usize) -> Vec<(f64, f64)> {
    let mean = |group: &[(f64, f64)]| {
        let n = group.len() as f64;
        (
            group.iter().map(|p| p.0).sum::<f64>() / n,
            group.iter().map(|p| p.1).sum::<f64>() / n,
        )
    };
    points.chunks(window).map(mean).collect()
}

/// Name, points and colour.
type Curve<'a> = (&'a str, &'a [(f64, f64)], RGBColor);

fn curves(
    area: &DrawingArea<SVGBackend, plotters::coord::Shift>,
    title: &str,
    series: &[Curve],
) -> Result<()> {
    let points = || series.iter().flat_map(|(_, points, _)| points.iter());
    let last = points().map(|p| p.0).fold(1.0, f64::max);
    let top = points().map(|p| p.1).fold(1e-6, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..last, 0.0..top * 1.05)?;
    chart.configure_mesh().x_desc("step").draw()?;
    for (name, points, colour) in series {
        chart
            .draw_series(LineSeries::new(
                points.iter().copied(),
                colour.stroke_width(2),
            ))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_and_validations_are_drawn() {
        let validation = Entry::Validation {
            step: 0,
            auc: 0.5,
            val_at_far_1e3: 0.1,
        };
        let svg = curves_svg(&[validation]).unwrap();
        assert!(svg.trim_end().ends_with("</svg>"));
        assert!(svg.contains("VAL@FAR=1e-3"));
    }
}
