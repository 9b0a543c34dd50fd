"""One file per use case: the stories, told top to bottom.

By what they are for; a test holds the list to the folder.

- A report comes in: report_incident, filing, find_place, judge_source, answer_danger,
  tell_reporter, keep_unplaced, left_open, unlocated, import_reports, own_reports, reports_by,
  of_message, wire, answers, context, turns.
- Roads are rated: assess, ratings, standing, rule_books, failed_rules, gone_roads, follow_roads,
  age_out.
- What is told of them: telling, route_news, statements, besides, calm, bundle, facts, alternatives,
  lost_ways, towns, alert_evidence, remind, speak_by_hand, render.
- It leaves: fan_out, tell_waiting, tell_newcomers, what_stands, dispatch, letters, own_words,
  providers, refusals, door, turnstile, bell, recording.
- What became of it: receipts, settle, silent_log, fail_over, calls, acknowledge, escalate,
  call_list, returned_mail, find_unreachable, tell_of_silenced, tell_of_help, tell_of_strangers,
  tell_of_unplaced, duty_pace, opt_out, tell_duty, watch.
- A message comes in: inbound_sms, inbound_reading, understand, inbound_effects, inbound_news,
  inbound_subscribe, unanswered, join_by_sms, duress, as_believed, forged_numbers, write_back,
  send_answers, set_messages_aside.
- The desk: desk_inbox, desk_alert, desk_file, desk_hold, desk_closures, desk_messages, moderate,
  foresee.
- Organisations and their people: own_affairs, own_people, own_subscriptions, subscribe, invite,
  send_invitations, try_contact, would_have, sign_in_code, revoke_key.
- Money: plan_spending, own_budget, review_budgets, sort_numbers.
- Rules change: tune_rules, publish_rules, new_rules, shipped_rules, preview_rules, rerun,
  compare_runs, judge_run, bill_run, passing.
- What readers see: picture, route_picture, map_picture, outside, show_ratings, other_roads,
  plan_journey, journeys_out.
- The past is played: replay, past_incidents, past_evidence, backtest, calibrate.
- The house is kept: rehearse, apart, forget, archive, move, ended_since, open_vault, rotate_vault,
  follow_clock.
"""
