//! Tables with aligned columns that fit the screen: one flexible column gives way, the others keep their numbers whole.
//!
//! Every cell is escaped here, whoever made it. Widths are those of a terminal (wide characters count twice).

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Screen, Style, visible};

/// Which side a column's cells stand on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
    /// Text that is cut when the screen is too narrow.
    Flexible,
    /// What says again what another column says, as a bar does: gone where the screen is too narrow.
    Spare,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its title.
    pub(crate) title: &'static str,
    /// Its side.
    pub(crate) align: Align,
}

/// A cell.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A cell set off by a style.
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::styled(text, Style::Plain)
    }
}

/// Rows under titles.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

const GAP: &str = "  ";
/// A flexible column keeps at least so much.
const LEAST_WIDTH: usize = 12;

impl Table {
    /// An empty table.
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        let columns = columns.iter().map(|&(title, align)| Column { title, align }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn push<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(cells.into());
    }

    /// The lines, with titles where a column has one.
    pub(crate) fn render(&self, screen: Screen) -> String {
        let mut rows = Vec::with_capacity(self.rows.len() + 1);
        if self.columns.iter().any(|column| !column.title.is_empty()) {
            rows.push(self.columns.iter().map(|column| Cell::styled(column.title, Style::Dim)).collect());
        }
        rows.extend(
            self.rows
                .iter()
                .map(|row| row.iter().map(|cell| Cell::styled(visible(&cell.text), cell.style)).collect::<Vec<_>>()),
        );
        let widths = self.widths(&rows, screen);
        let mut out = String::new();
        for row in &rows {
            let mut line = String::new();
            for ((cell, column), &width) in row.iter().zip(&self.columns).zip(&widths) {
                let text = cut_to(&cell.text, width);
                let padding = " ".repeat(width - text.width().min(width));
                let painted = screen.paint(&text, cell.style);
                match column.align {
                    Align::Right => line.extend([padding.as_str(), &painted, GAP]),
                    Align::Left | Align::Flexible | Align::Spare => line.extend([&painted, padding.as_str(), GAP]),
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn widths(&self, rows: &[Vec<Cell>], screen: Screen) -> Vec<usize> {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|index| rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.text.width()).max().unwrap_or(0))
            .collect();
        let Some(screen_width) = screen.width else { return widths };
        let total = widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
        let mut excess = total.saturating_sub(screen_width);
        for (width, column) in widths.iter_mut().zip(&self.columns).rev() {
            if column.align == Align::Spare && excess > 0 {
                excess = excess.saturating_sub(*width + GAP.len());
                *width = 0;
            }
        }
        for (width, column) in widths.iter_mut().zip(&self.columns).rev() {
            if column.align == Align::Flexible {
                let given = excess.min(width.saturating_sub(LEAST_WIDTH));
                *width -= given;
                excess -= given;
            }
        }
        widths
    }
}

/// `text` in at most `width` columns, with an ellipsis where it was cut. What tells one path from another is its end.
fn cut_to(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    if text.starts_with('/') && !text.contains("  ") {
        let mut used = 1;
        let fits = |char: &char| {
            used += char.width().unwrap_or(0);
            used <= width
        };
        let end: Vec<char> = text.chars().rev().take_while(fits).collect();
        return std::iter::once('…').chain(end.into_iter().rev()).collect();
    }
    let mut out = String::new();
    let mut used = 1;
    for char in text.chars() {
        used += char.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(char);
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new(&[("NAME", Align::Flexible), ("COST", Align::Right)]);
        table.push(["a long name that does not fit".into(), "$1.00".into()]);
        table.push(["日本\u{1b}[2J".into(), Cell::styled("$10.00", Style::Bad)]);
        table
    }

    #[test]
    fn columns_are_aligned_and_every_cell_is_escaped() {
        assert_eq!(
            sample().render(Screen::PIPE),
            "NAME                             COST\n\
             a long name that does not fit   $1.00\n\
             日本\\u{1b}[2J                  $10.00\n"
        );
    }

    #[test]
    fn the_flexible_column_gives_way_on_a_narrow_screen() {
        let shown = sample().render(Screen { width: Some(24), palette: super::super::Palette::None });
        assert_eq!(shown, "NAME                COST\na long name tha…   $1.00\n日本\\u{1b}[2J     $10.00\n");
    }

    #[test]
    fn a_bar_goes_before_a_name_is_cut_and_a_path_keeps_its_end() {
        let mut table = Table::new(&[("PROJECT", Align::Flexible), ("COST", Align::Right), ("", Align::Spare)]);
        table.push(["/home/dev/shop-api".into(), "$1.00".into(), "████".into()]);
        table.push(["/home/dev/web".into(), "$0.50".into(), "██".into()]);
        let at = |width| table.render(Screen { width: Some(width), palette: super::super::Palette::None });
        assert!(at(31).contains("████"), "{}", at(31));
        assert_eq!(at(28), "PROJECT              COST\n/home/dev/shop-api  $1.00\n/home/dev/web       $0.50\n");
        assert_eq!(at(20), "PROJECT         COST\n…dev/shop-api  $1.00\n/home/dev/web  $0.50\n");
    }

    #[test]
    fn only_our_own_colours_reach_a_terminal() {
        let shown = sample().render(Screen::terminal(80));
        assert!(shown.contains("\u{1b}[31m$10.00\u{1b}[0m") && !shown.contains("\u{1b}[2J"));
    }
}
