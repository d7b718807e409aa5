# The checks of the id index, which the event table walks. See take_out.cmake.

set(file sync/id_index.hpp)

check(find-length ${file} "Walk walk(" [[steps <= entries_.capacity]] [[true]]
  "" "links of entries that are in a chain make no circle; the length is bounded against spoilt bytes")
check(find-range ${file} "Walk walk(" [[at > entries_.capacity]] [[false]]
  "" "a link names an entry; the range is checked against spoilt bytes")
check(find-filled ${file} "Walk walk(" [[is_filled(state)]] [[true]]
  "" "the second look asks again; an id that was half written belongs to an entry that left the chain: the walk does not count")
check(find-filled-again ${file} "Walk walk(" [[is_filled(again)]] [[true]]
  "handle: an event that is registered, found" "a retired event is made live again")
check(find-generation ${file} "Walk walk(" [[generation_of(again) == generation_of(state)]] [[true]]
  "events: an entry that is reused under a walk" "the handle of the event that took the entry is told for the id that was in it")
check(find-counts ${file} "Walk find(" [[!counts(bucket, found)]] [[false]]
  "" "links of a race make no circle that is as long as a walk may be; without it such a race would be taken for spoilt bytes")
check(id-hash ${file} "bool is_id(" [[hash_of(meta) != id.hash]] [[false]]
  "" "size and bytes decide; the hash only spares reading them")
check(id-size ${file} "bool is_id(" [[id_bytes_of(meta) != id.bytes]] [[false]]
  "id: one that begins" "an id that another one begins with is taken for it")
check(id-words ${file} "bool is_id("
  [=[entry[layout::kEntryId + word].load(std::memory_order_relaxed) != id.words[word]]=] [[false]]
  "events: an id between two neighbours" "ids of one hash are one id")
check(insert-G4 ${file} "bool try_insert("
  [[bucket.compare_exchange_strong(head, link(tag_of(head) + 1, index + 1), std::memory_order_acq_rel,
                                          std::memory_order_relaxed)]]
  [[bucket.store(link(tag_of(head) + 1, index + 1), std::memory_order_release), true]]
  "handle: an event that is registered, found" "two registers of an id both win")
check(insert-head-tag ${file} "bool try_insert(" [[tag_of(head) + 1]] [[tag_of(head)]]
  "" "the head names another entry then, and the removal of that one raises the tag")
check(insert-own-tag ${file} "bool try_insert(" [[tag_of(next) + 1]] [[tag_of(next)]]
  "" "the mark of a retire, and the tag that its unlink raises, change the link as well (unlink-tag)")
check(remove-T2 ${file} "bool remove("
  [[entries_.at(index)[layout::kEntryNext].fetch_or(kMark, std::memory_order_acq_rel);]] [[]]
  "handle: that of a retired event" "an event that is linked behind a retired one goes with it")
check(remove-again ${file} "bool remove(" [[chain == Chain::kChanged]] [[false]]
  "handle: an event that is registered, found" "an entry whose unlinking was crossed stays in its chain")
check(remove-T4 ${file} "bool remove(" [[bucket.fetch_add(kTagOne, std::memory_order_acq_rel);]] [[]]
  "events: an id between two neighbours" "a walk counts under which an entry was reused")
check(unlink-range ${file} "Chain unlink(Word& bucket) const" [[at > entries_.capacity]] [[false]]
  "" "a link names an entry; the range is checked against spoilt bytes")
check(unlink-length ${file} "Chain unlink(Word& bucket) const" [[steps > entries_.capacity]] [[false]]
  "" "links of entries that are in a chain make no circle; the length is bounded against spoilt bytes")
check(unlink-T3 ${file} "Chain unlink(Word& bucket) const"
  [[!before->compare_exchange_strong(before_word, shortened, std::memory_order_acq_rel,
                                             std::memory_order_relaxed)]]
  [[before->store(shortened, std::memory_order_release), false]]
  "handle: an event that is registered, found" "what was linked or unlinked meanwhile is undone")
check(unlink-tag ${file} "Chain unlink(Word& bucket) const" [[tag_of(before_word) + 1]] [[tag_of(before_word)]]
  "" "the tag that an insertion raises on its own link changes it as well (insert-own-tag), and the raise T4 the bucket")
check(unlink-bucket ${file} "Chain unlink(Word& bucket) const"
  [[bucket.load(std::memory_order_acquire) != head]] [[false]]
  "events: a retire whose walk" "a retired entry that the walk did not meet stays in its chain")
check(contains-length ${file} "Place place_of("
  [[at != 0 && at <= entries_.capacity && at - 1 != wanted && steps <= entries_.capacity]] [[at != 0 && at - 1 != wanted]]
  "" "as find-length and find-range")
check(contains-bucket ${file} "Place place_of("
  [[bucket.load(std::memory_order_acquire) != head]] [[false]]
  "death: an event that was linked" "a linked entry that the walk did not meet is taken apart as never linked")
together(insert-own-tag+unlink-tag "events: an unlink that was overtaken"
  "an unlink that was overtaken finds the link as it was, in another life of the entry")
