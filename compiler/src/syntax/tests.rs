mod documents;
mod hostile;
mod kinds;
mod mutated;
mod words;
