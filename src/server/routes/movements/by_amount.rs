//! Pages of movements in the order of their amounts.
//!
//! The journal knows no such order, so everything that fits is looked through for each page, of which only the page is kept.

use jangbu::{Movement, TransferQuery};

use super::asked::Sequence;
use super::place::{At, Place};
use super::{Found, Listing};
use crate::server::http::Problem;
use crate::server::service::Service;

/// As many movements are looked through for a page: about a second.
const MOST_SORTED: usize = 100_000;
/// As many searches are made for them. Each looks at up to 200,000 records.
const MOST_SEARCHES: usize = 200;
/// As many movements are asked for at a time.
const AT_A_TIME: usize = 1_000;

impl Listing {
    /// The page at a place of the order by amount.
    ///
    /// # Errors
    /// 400 when too much fits to be put in order.
    pub(super) async fn page_by_amount(&self, service: &Service, place: Option<Place>) -> Result<Found, Problem> {
        let is_back = place.is_some_and(|place| place.back);
        let order = Ordered { largest_first: (self.sequence == Sequence::Largest) != is_back };
        let (mut best, has_more) = self.best(service, &order, place.map(|place| place.at)).await?;
        if is_back {
            best.reverse();
        }
        let end = |movement: Option<&Movement>, back| movement.map(|it| Place { back, at: At::amount_of(it) });
        let (first, last) = (end(best.first(), true), end(best.last(), false));
        let (next, previous) = match is_back {
            true => (last.or(place.map(|place| Place { back: false, ..place })), first.filter(|_| has_more)),
            false => (last.filter(|_| has_more), first.filter(|_| place.is_some())),
        };
        Ok(Found { transfers: self.told(service, best).await?, next, previous })
    }

    /// The first of what fits behind a place, and whether there is more.
    async fn best(
        &self,
        service: &Service,
        order: &Ordered,
        after: Option<At>,
    ) -> Result<(Vec<Movement>, bool), Problem> {
        let most = self.query.limit.saturating_add(1);
        let mut query = TransferQuery { after: None, limit: AT_A_TIME, ..self.query.clone() };
        let (mut best, mut seen): (Vec<Movement>, usize) = (Vec::new(), 0);
        for _ in 0..MOST_SEARCHES {
            let page = service.bank.transfers(query.clone()).await?;
            seen = seen.saturating_add(page.data.len());
            if seen > MOST_SORTED {
                break;
            }
            let behind =
                |movement: &Movement| after.is_none_or(|after| order.compare(&At::amount_of(movement), &after).is_gt());
            best.extend(page.data.into_iter().filter(|movement| self.is_with(movement) && behind(movement)));
            best.sort_by(|one, other| order.compare(&At::amount_of(one), &At::amount_of(other)));
            best.truncate(most);
            query.after = page.next;
            if query.after.is_none() {
                let has_more = best.len() > self.query.limit;
                best.truncate(self.query.limit);
                return Ok((best, has_more));
            }
        }
        let detail =
            format!("only up to {MOST_SORTED} movements are put in the order of their amounts: ask for a period");
        Err(Problem::invalid_field("order", "too_many", detail))
    }
}

/// An order by amount.
struct Ordered {
    largest_first: bool,
}

impl Ordered {
    fn compare(&self, one: &At, other: &At) -> std::cmp::Ordering {
        if self.largest_first { other.cmp(one) } else { one.cmp(other) }
    }
}
