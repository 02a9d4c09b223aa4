//! x
use crate::recognise_sheet::*;
use postsluse::recognise::{identify, register};

#[test]
fn registration_is_exact() {
    let form = form();
    let sheet = Sheet::blank(&form, 1, "nb");
    for scan in [
        Scan::at(150.0),
        Scan::at(200.0),
        Scan::at(300.0),
        Scan::at(400.0),
        Scan::at(200.0).turned(4.0).scaled(0.97, 0.96),
        Scan::at(150.0).turned(-9.0).scaled(0.91, 0.9),
        Scan::at(300.0).turned(180.0),
        Scan::at(200.0).turned(93.0),
        Scan::at(600.0).turned(270.0),
    ] {
        let page = sheet.scan(&scan);
        let t = std::time::Instant::now();
        let Some(found) = identify(&page) else {
            println!("{scan:?} NOT IDENTIFIED");
            continue;
        };
        let t1 = t.elapsed();
        let reg = register(&page, &form.pages[0], &found);
        let t2 = t.elapsed();
        let Ok(reg) = reg else {
            println!("{scan:?} {reg:?}");
            continue;
        };
        let mut worst: f64 = 0.0;
        for x in 0..=20 {
            for y in 0..=29 {
                let p = [x as f64 * 10.0, y as f64 * 10.0];
                let (a, b) = (reg.px(p), scan.px(p));
                worst = worst.max(((a[0] - b[0]).hypot(a[1] - b[1])) / scan.dpi * 25.4);
            }
        }
        println!(
            "{scan:?} marks {} res {:.3} footing {:?} worst {worst:.3} black {:.2} identify {t1:?} register {:?}",
            reg.marks,
            reg.residual_mm,
            reg.footing,
            reg.black,
            t2 - t1
        );
    }
}
