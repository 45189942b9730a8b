//! Draws the ROC curve.

use std::error::Error;

use plotters::prelude::*;

use crate::eval::Roc;

/// Points on the drawn curve.
const POINTS: usize = 400;

/// Draws VAL over FAR as SVG, with a logarithmic axis for the FAR.
///
/// The axis ends at the lowest FAR that three false accepts support.
///
/// # Errors
/// If the picture cannot be drawn.
pub fn roc_svg(roc: &Roc, title: &str) -> Result<String, Box<dyn Error>> {
    let lowest = (3.0 / roc.impostor_trials() as f64).min(0.1);
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (720, 540)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d((lowest..1.0).log_scale(), 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("FAR: impostors accepted")
        .y_desc("VAL: genuine accepted")
        .x_label_formatter(&|far| format!("{far:e}"))
        .y_label_formatter(&|val| format!("{val:.1}"))
        .label_style(("sans-serif", 13))
        .light_line_style(WHITE)
        .draw()?;
    let curve = roc
        .curve(POINTS)
        .into_iter()
        .filter(|(far, _)| *far >= lowest);
    chart.draw_series(LineSeries::new(curve, BLUE.stroke_width(2)))?;
    let chance = (0..=100).map(|i| lowest.powf(1.0 - f64::from(i) / 100.0));
    chart.draw_series(LineSeries::new(
        chance.map(|far| (far, far)),
        BLACK.mix(0.4),
    ))?;
    area.present()?;
    drop(chart);
    drop(area);
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Scores;

    #[test]
    fn draws_curve_and_axes() {
        let genuine = (0..100).map(|i| i as f32 / 100.0).collect();
        let impostor = (0..1000).map(|i| 0.5 + i as f32 / 1000.0).collect();
        let roc = Roc::new(Scores { genuine, impostor }).unwrap();
        let svg = roc_svg(&roc, "ROC").unwrap();
        assert!(svg.trim_end().ends_with("</svg>"));
        assert_eq!(svg.matches("#0000FF").count(), 1, "one curve");
        assert!(svg.contains("impostors accepted") && svg.contains("1e-2"));
    }
}
