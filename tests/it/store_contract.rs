//! The contract of the store: each test runs on SQLite and on PostgreSQL, and ends with a check of the whole audit chain.

mod bench;
mod filing;
mod intake;
mod letters;
mod races;
mod reading;
mod register;
mod schema;
mod settling;

macro_rules! contract {
    ($($room:ident :: $test:ident)*) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let bench = super::bench::Bench::sqlite().await;
                super::$room::$test(&bench).await;
                bench.check_chain().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                let bench = super::bench::Bench::postgres().await;
                super::$room::$test(&bench).await;
                bench.check_chain().await;
            })*
        }
    };
}

contract! {
    intake::facts_are_pinned_once
    intake::a_file_has_one_claim_at_a_time
    intake::an_original_is_stored_once_and_its_copies_are_duplicates
    intake::the_file_is_taken_away_after_a_crash
    intake::a_late_original_is_refused
    intake::a_claim_can_be_released_and_resumed
    reading::attempts_are_counted_and_retries_stand_at_the_back
    reading::a_dead_lease_is_taken_over_and_its_holder_refused
    reading::an_attempt_that_the_document_is_not_to_blame_for_is_undone
    reading::quarantine_keeps_its_reason_and_can_be_undone
    reading::leases_of_a_dead_owner_end_at_once
    reading::documents_are_listed_in_pages
    filing::a_reading_becomes_records_with_all_that_follows
    filing::a_form_with_hundreds_of_fields_is_filed_whole
    filing::a_filing_that_fails_leaves_nothing
    filing::a_filing_that_is_cut_off_anywhere_happens_whole_or_not_at_all
    filing::a_person_is_found_by_either_number
    filing::two_persons_are_never_merged
    filing::numbers_start_anew_each_year
    settling::what_was_settled_is_a_new_revision
    settling::the_second_to_settle_is_told
    settling::consequences_are_drawn_when_a_person_completes_a_record
    settling::a_complete_record_is_not_changed
    letters::a_letter_is_composed_before_it_is_sent
    letters::sending_is_retried_until_it_is_given_up
    letters::a_letter_waits_for_its_address
    letters::a_late_sender_is_refused
    letters::a_letter_that_came_back_is_known
    letters::too_many_to_one_address_wait_for_a_person
    register::an_anmodning_is_answered_by_a_vedtak
    register::two_vedtak_are_not_weighed_against_the_same_past
    register::a_reminder_is_due_once_for_each_deadline
    register::a_change_of_what_has_changed_is_refused
    register::a_person_asks_as_often_as_needed
    register::what_was_registered_before_there_were_versions_is_kept
    letters::the_backlog_counts_everything
    races::files_are_claimed_once
    races::bytes_become_one_document
    races::documents_are_read_once
    races::numbers_have_no_gap_and_no_double
    races::one_settlement_wins
    races::letters_are_sent_once
    schema::an_entry_can_be_noted_by_itself
    schema::a_migrated_database_is_left_alone
    schema::older_newer_and_altered_databases_are_refused
    schema::a_broken_row_is_named_without_its_value
    schema::the_database_keeps_its_rules
}
