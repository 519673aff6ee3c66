//! Lists of fruit: each test says what it finds.

use super::selection::Selected;
use super::*;
use crate::tables::Cell;

#[derive(Clone, Debug)]
struct Fruit {
    name: &'static str,
    colour: &'static str,
    weight: Option<i64>,
    ripe: bool,
}

impl Row for Fruit {
    const COLUMNS: &'static [Column<Fruit>] = &[
        Column::<Fruit>::new("name", |fruit| Value::text(fruit.name)).searched(),
        Column::<Fruit>::new("colour", |fruit| Value::text(fruit.colour)).searched().counted(),
        Column::<Fruit>::new("weight", |fruit| fruit.weight.map_or(Value::Missing, Value::Number)),
        Column::<Fruit>::new("ripe", |fruit| Value::Flag(fruit.ripe)).counted(),
    ];
    const USUAL_ORDER: &'static str = "name";

    fn key(&self) -> String {
        self.name.into()
    }
}

fn fruit() -> Vec<Fruit> {
    let row = |name, colour, weight, ripe| Fruit { name, colour, weight, ripe };
    vec![
        row("pear", "green", Some(20), true),
        row("Apple", "red", Some(10), true),
        row("cherry", "red", None, false),
        row("banana", "yellow", Some(20), false),
        row("=lime", "green", Some(-1), true),
    ]
}

fn wanted(q: &str, sort: Option<&str>, limit: u32) -> Wanted {
    Wanted::new(Some(q), sort, Some(limit), None, None).unwrap()
}

fn names(selected: Selected<Fruit>) -> Vec<&'static str> {
    selected.into_listing(None::<NoTotals>, |fruit| fruit.name).data
}

#[test]
fn the_search_looks_for_every_word_in_any_column() {
    for (q, found) in [
        ("", &["=lime", "Apple", "banana", "cherry", "pear"][..]),
        ("AP", &["Apple"]),
        ("red", &["Apple", "cherry"]),
        ("red che", &["cherry"]),
        ("red pear", &[]),
    ] {
        assert_eq!(names(select(fruit(), &wanted(q, None, 10)).unwrap()), found, "{q:?}");
    }
}

#[test]
fn several_columns_decide_the_order_and_the_key_the_rest() {
    for (sort, found) in [
        ("-weight,name", ["cherry", "banana", "pear", "Apple", "=lime"]),
        ("weight", ["=lime", "Apple", "banana", "pear", "cherry"]),
        ("colour,-name", ["pear", "=lime", "cherry", "Apple", "banana"]),
        ("-ripe", ["=lime", "Apple", "pear", "banana", "cherry"]),
    ] {
        assert_eq!(names(select(fruit(), &wanted("", Some(sort), 10)).unwrap()), found, "{sort}");
    }
}

#[test]
fn counts_say_what_each_filter_would_give() {
    let wanted = wanted("", None, 10).only("colour", Some("red")).only("ripe", None::<bool>);
    let selected = select(fruit(), &wanted).unwrap();
    assert_eq!(selected.rows().len(), 2);
    let counts = serde_json::to_value(&selected.counts).unwrap();
    let expected = serde_json::json!({
        "colour": { "green": 2, "red": 2, "yellow": 1 },
        "ripe": { "false": 1, "true": 1 },
    });
    assert_eq!(counts, expected);
    let both = select(fruit(), &wanted.only("ripe", Some(true))).unwrap();
    assert_eq!(serde_json::to_value(&both.counts).unwrap()["colour"], serde_json::json!({ "green": 2, "red": 1 }));
    assert_eq!(names(both), ["Apple"]);
}

#[test]
fn pages_by_cursor_have_every_row_once_in_any_order_and_size() {
    for sort in ["name", "-name", "weight", "-weight,colour", "ripe,-weight"] {
        for limit in 1..=6 {
            let whole = names(select(fruit(), &wanted("", Some(sort), 200)).unwrap());
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let wanted = Wanted::new(None, Some(sort), Some(limit), cursor.as_ref(), None).unwrap();
                let page = select(fruit(), &wanted).unwrap().into_listing(None::<NoTotals>, |fruit| fruit.name);
                assert_eq!((page.total, page.has_more), (Some(5), page.next.is_some()));
                found.extend(page.data);
                let Some(next) = page.next else { break };
                cursor = Some(next);
            }
            assert_eq!(found, whole, "{sort} by {limit}");
        }
    }
}

#[test]
fn a_cursor_holds_its_place_while_rows_come_and_go() {
    let first = select(fruit(), &wanted("", None, 2)).unwrap().into_listing(None::<NoTotals>, |fruit| fruit.name);
    assert_eq!(first.data, ["=lime", "Apple"]);
    let mut later = fruit();
    later.retain(|fruit| fruit.name != "Apple");
    later.push(Fruit { name: "aaa", colour: "red", weight: None, ripe: true });
    let next = Wanted::new(None, None, Some(2), first.next.as_ref(), None).unwrap();
    assert_eq!(names(select(later, &next).unwrap()), ["banana", "cherry"]);
}

#[test]
fn pages_by_number_are_counted_from_one() {
    let page = |number| Wanted::new(None, None, Some(2), None, Some(number)).unwrap();
    assert_eq!(names(select(fruit(), &page(1)).unwrap()), ["=lime", "Apple"]);
    assert_eq!(names(select(fruit(), &page(3)).unwrap()), ["pear"]);
    assert_eq!(names(select(fruit(), &page(4)).unwrap()), [""; 0]);
    assert_eq!(names(select(fruit(), &page(1_000_000)).unwrap()), [""; 0]);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let field = |problem: Problem| problem.to_value()["errors"][0]["field"].clone();
    let sort = |sort| field(select(fruit(), &wanted("", Some(sort), 1)).unwrap_err());
    for wrong in ["", "size", "name,", "name,-name", "--name"] {
        assert_eq!(sort(wrong), "sort", "{wrong:?}");
    }
    let new = |q, limit, page| field(Wanted::new(q, None, limit, None, page).unwrap_err());
    assert_eq!(new(None, Some(0), None), "limit");
    assert_eq!(new(None, Some(201), None), "limit");
    assert_eq!(new(None, None, Some(0)), "page");
    assert_eq!(new(None, None, Some(1_000_001)), "page");
    assert_eq!(new(Some(&"x".repeat(101)), None, None), "q");
    let cursor = select(fruit(), &wanted("", None, 1)).unwrap().next.unwrap();
    assert_eq!(field(Wanted::new(None, None, None, Some(&cursor), Some(1)).unwrap_err()), "page");
    let other_order = Wanted::new(None, Some("-name"), None, Some(&cursor), None).unwrap();
    assert_eq!(field(select(fruit(), &other_order).unwrap_err()), "cursor");
    let foreign = Wanted::new(None, None, None, Some(&Cursor::encode(&7)), None).unwrap();
    assert_eq!(field(select(fruit(), &foreign).unwrap_err()), "cursor");
}

#[test]
fn the_file_has_everything_that_fits() {
    let rows = select(fruit(), &wanted("green", None, 1)).unwrap().into_cells();
    let row = |name: &str, weight| vec![name.into(), "green".into(), Cell::Number(weight), Cell::Flag(true)];
    assert_eq!(rows, [row("=lime", -1), row("pear", 20)]);
}

#[test]
fn a_page_of_many_rows_is_what_it_would_be_if_all_were_kept() {
    // Far more than are kept, in an order that is no order.
    let many = || {
        (0..4_000_i64).map(|number| Fruit {
            name: Box::leak(format!("{:05}", number * 7_919 % 4_000).into_boxed_str()),
            colour: if number % 3 == 0 { "red" } else { "green" },
            weight: (number % 5 != 0).then_some(number % 100),
            ripe: number % 2 == 0,
        })
    };
    let rows: Vec<Fruit> = many().collect();
    let listed = |selected: Selected<Fruit>| {
        let listing = selected.into_listing(None::<NoTotals>, |fruit| fruit.name);
        (listing.data, listing.next.map(|next| serde_json::to_string(&next).unwrap()), listing.total, listing.counts)
    };
    for (sort, page) in [("name", 1), ("-name", 3), ("weight,-name", 13), ("-weight", 14), ("name", 900)] {
        for q in ["", "red", "12"] {
            let mut wanted = Wanted::new(Some(q), Some(sort), Some(150), None, Some(page)).unwrap();
            for _ in 0..2 {
                let whole = select(rows.clone(), &wanted).unwrap();
                let next = whole.next.clone();
                let mut selection = Selection::of_page(&wanted).unwrap();
                let mut fits = 0;
                rows.iter().for_each(|row| selection.look_at(row.clone(), |_| fits += 1));
                assert!(selection.kept() < 4_000 || wanted.first_row() > 1_000, "{sort} {page}");
                let (page, whole) = (listed(selection.finish()), listed(whole));
                assert_eq!(page, whole, "{sort} {q:?}");
                assert_eq!(Some(fits), page.2);
                // And on by the cursor.
                let Some(next) = next else { break };
                wanted = Wanted::new(Some(q), Some(sort), Some(150), Some(&next), None).unwrap();
            }
        }
    }
}
