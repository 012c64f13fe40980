//! A world without sockets, asked over HTTP by strangers.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batch_again;
#[cfg(test)]
mod batch_seals;
#[cfg(test)]
mod batches;
#[cfg(test)]
mod branches;
#[cfg(test)]
mod certificate;
#[cfg(test)]
mod crossings;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod life;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod plan;
#[cfg(test)]
mod registers;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod support;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod time;
#[cfg(test)]
mod units;
