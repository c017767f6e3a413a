//! Real processes on loopback: a repository, an operator, proxies, applications.
