# The checks of who a participant is and who frees it. See take_out.cmake.

set(file region/region.cpp)

check(attach-owner ${file} "AttachStatus Attachment::attach("
  [[out->participant_at(participant)[kParticipantOwner].compare_exchange_strong(
            expected, owner_tag, std::memory_order_acq_rel, std::memory_order_relaxed)]]
  [[out->participant_at(participant)[kParticipantOwner].load(std::memory_order_acquire) == expected &&
    (out->participant_at(participant)[kParticipantOwner].store(owner_tag, std::memory_order_release), true)]]
  "participant: of two" "two who attach at once are one participant")
check(free-range ${file} "bool Attachment::free_participant(" [[dead >= participants_max_]] [[false]]
  "participant: nobody frees" "a number leads out of the table of participants")
check(free-self ${file} "bool Attachment::free_participant(" [[dead == participant_]] [[false]]
  "participant: nobody frees" "a participant takes itself apart and works on")
check(free-nobody ${file} "bool Attachment::free_participant(" [[owner_tag == 0]] [[false]]
  "participant: nobody frees" "a place that is free is taken apart, under whoever attaches there")
check(free-half ${file} "bool Attachment::free_participant(" [[owner_tag != tag_of(owner_tag)]] [[false]]
  "participant: nobody frees" "what one is freeing is freed by another")
check(free-owner ${file} "bool Attachment::free_participant("
  [[!participant_at(dead)[layout::kParticipantOwner].compare_exchange_strong(
          owner_tag, freeing_by(participant_, owner_tag), std::memory_order_acq_rel, std::memory_order_relaxed)]]
  [[participant_at(dead)[layout::kParticipantOwner].store(freeing_by(participant_, owner_tag), std::memory_order_release), false]]
  "death: whoever comes late" "a living participant is taken apart that has the number of a dead one")
check(free-at-once ${file} "bool Attachment::free_participant("
  [[!participant_at(dead)[layout::kParticipantOwner].compare_exchange_strong(
          owner_tag, freeing_by(participant_, owner_tag), std::memory_order_acq_rel, std::memory_order_relaxed)]]
  [[participant_at(dead)[layout::kParticipantOwner].load(std::memory_order_acquire) != owner_tag ||
    (participant_at(dead)[layout::kParticipantOwner].store(freeing_by(participant_, owner_tag), std::memory_order_release), false)]]
  "death: what a dead participant was at" "two take a participant apart at once")
check(free-freer ${file} "void Attachment::take_apart(" [[seen == freeing_by(gone, tag_of(seen))]] [[false]]
  "death: a freer that dies" "whom a dead freer was freeing stays half freed")
check(free-nested ${file} "void Attachment::take_apart("
  [[owner.compare_exchange_strong(seen, freeing_by(participant_, tag_of(seen)), std::memory_order_acq_rel,
                                        std::memory_order_relaxed)]]
  [[owner.store(freeing_by(participant_, tag_of(seen)), std::memory_order_release), true]]
  "" "a dead freer does not go on, and only one frees it: nobody else changes the word")
