//! The server as its clients see it: over real sockets, byte by byte.

#[cfg(test)]
mod bad_requests;
#[cfg(test)]
mod command;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod ec2;
#[cfg(unix)]
#[cfg(test)]
mod exec;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod home;
#[cfg(test)]
mod library;
#[cfg(test)]
mod metadata;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod sso_login;
#[cfg(test)]
mod sso_portal;
#[cfg(test)]
mod sts;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod web_identity;
