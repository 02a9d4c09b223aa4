mod bad_input;
mod drill;
mod end_to_end;
mod instance;
mod rooms;
