mod documents;
mod hostile;
mod mutated;
mod words;
