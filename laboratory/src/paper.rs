//! A plain PDF to be sealed, ISO 32000-1 clause 7.5. In: a title. Out: one page with that title, always the same bytes.

/// One A4 page with a line of text.
pub fn plain(title: &str) -> Vec<u8> {
    let text: String = title.chars().filter(|c| c.is_ascii_alphanumeric() || " .,-".contains(*c)).collect();
    let content = format!(
        "BT /F1 24 Tf 72 720 Td ({text}) Tj ET\nBT /F1 12 Tf 72 690 Td (An e-seal testbed made this page.) Tj ET"
    );
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let start = pdf.len();
    let size = objects.len() + 1;
    pdf.extend(format!("{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    pdf
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_can_be_read_and_sealed() {
        let document = pades::Document::parse(super::plain("A letter (really)")).unwrap();
        document.check_updatable().unwrap();
        assert_eq!(document.latest().pages().unwrap().len(), 1);
    }
}
