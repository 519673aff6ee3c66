//! The texts of a movement, as arguments of every command that moves or holds money.

use jangbu::Details;

/// The texts of a movement that both sides read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Texts {
    /// The label on both sides' statements, up to 10 characters
    #[arg(long)]
    label: Option<String>,
    /// The reference that both sides see, up to 140 characters
    #[arg(long)]
    reference: Option<String>,
    /// The sender's own reference for the payment, up to 35 characters; both sides see it
    #[arg(long, value_name = "ID")]
    end_to_end_id: Option<String>,
}

impl Texts {
    /// Returns the texts as the bank expects them; `None` if there are none.
    pub(super) fn details(&self) -> Option<Box<Details>> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (sender_label, receiver_label) = (text(&self.label), text(&self.label));
        let mut details =
            Details { sender_label, receiver_label, reference: text(&self.reference), ..Details::default() };
        if let Some(id) = self.end_to_end_id.as_deref().filter(|id| !id.is_empty()) {
            details.set_end_to_end_id(id);
        }
        (!details.is_empty()).then(|| Box::new(details))
    }
}
