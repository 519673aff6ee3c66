//! Black-box tests of `jangbu serve`: the real program, on its own port, over TCP.

#[cfg(test)]
mod administrators;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod defects;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod life;
#[cfg(test)]
mod loss;
#[cfg(test)]
mod monitoring;
#[cfg(test)]
mod operator;
mod orders;
#[cfg(test)]
mod people;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod scenario;
#[cfg(test)]
mod service;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod spenders;
#[cfg(test)]
mod stopping;
