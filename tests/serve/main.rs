//! Black-box tests of `jangbu serve`: the real program, on a port of its own, asked over TCP.

#[cfg(test)]
mod administrators;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod life;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod service;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stopping;
