/// support/wordpiece.hpp: from text to the ids that BERT takes.
///
/// Room: examples/support. May include the standard library and its neighbours. Programs that feed text depend on it.
#pragma once

#include "support/error.hpp"
#include "support/unicode.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace examples {

/// A vocabulary file that cannot be used, or a length that leaves no room for text.
struct vocabulary_error : user_error {
  using user_error::user_error;
};

/// Texts as a model takes them: three row-major int64 [batch, length] arrays.
struct encoded_texts {
  std::size_t batch = 0, length = 0;
  std::vector<std::int64_t> input_ids, attention_mask, token_type_ids;
};

/// BERT's uncased tokenizer (Devlin et al. 2018; WordPiece: Schuster and Nakajima 2012): lower case, accents and
/// control characters removed, punctuation and ideographs split off, then greedily the longest pieces it knows.
///
/// Limits: capitals and composed letters are folded in Latin, Greek, Cyrillic, Armenian, Japanese and Korean; other
/// scripts, and signs such as U+2260, keep them. Marks and punctuation are those of the basic plane. Special tokens
/// written out in a text ("[SEP]") are text, so that a text cannot inject them. Single texts only, no pairs.
class wordpiece_tokenizer {
 public:
  /// Reads a `vocab.txt`, one piece a line, whose line number is its id.
  /// Throws `vocabulary_error` if it cannot be read, has a piece twice, or lacks [PAD], [UNK], [CLS] or [SEP].
  explicit wordpiece_tokenizer(std::filesystem::path const& vocabulary) {
    std::ifstream stream(vocabulary, std::ios::binary);
    if (!stream)
      throw vocabulary_error(vocabulary.string(), "cannot be opened", "give the model's folder with its vocab.txt");
    std::string line;
    while (std::getline(stream, line)) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      auto const id = static_cast<std::int64_t>(pieces_.size());
      if (!pieces_.emplace(line, id).second)
        throw vocabulary_error(vocabulary.string() + ", line " + std::to_string(id + 1),
                               "has the piece '" + line + "' again", "fetch the vocabulary again");
    }
    auto const special = [&](char const* piece) {
      auto const found = pieces_.find(std::string_view(piece));
      if (found == pieces_.end())
        throw vocabulary_error(vocabulary.string(), "has no line '" + std::string(piece) + "'",
                               "use the vocab.txt of a BERT model");
      return found->second;
    };
    padding_ = special("[PAD]");
    unknown_ = special("[UNK]");
    begin_ = special("[CLS]");
    end_ = special("[SEP]");
  }

  /// Number of pieces.
  [[nodiscard]] std::size_t size() const noexcept { return pieces_.size(); }

  /// [CLS], the text's pieces, [SEP]; cut to `max_length` ids, the last of which stays [SEP].
  /// Throws `vocabulary_error` if `max_length` is less than 2. Bytes that are not UTF-8 are left out.
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text, std::size_t max_length = 512) const {
    if (max_length < 2)
      throw vocabulary_error("max_length", "is " + std::to_string(max_length), "at least 2 for [CLS] and [SEP]");
    std::vector<std::int64_t> ids{begin_};
    for (std::u32string const& word : split_words(text)) {
      if (ids.size() >= max_length) break;
      append_pieces(word, ids);
    }
    ids.resize(std::min(ids.size(), max_length - 1));
    ids.push_back(end_);
    return ids;
  }

  /// Encodes every text and pads all to the longest, with mask 0 where padded.
  [[nodiscard]] encoded_texts encode(std::vector<std::string> const& texts, std::size_t max_length = 512) const {
    std::vector<std::vector<std::int64_t>> rows;
    encoded_texts result;
    result.batch = texts.size();
    for (std::string const& text : texts) {
      rows.push_back(encode(text, max_length));
      result.length = std::max(result.length, rows.back().size());
    }
    for (auto const& row : rows) {
      result.input_ids.insert(result.input_ids.end(), row.begin(), row.end());
      result.input_ids.resize(result.input_ids.size() + result.length - row.size(), padding_);
      result.attention_mask.insert(result.attention_mask.end(), row.size(), 1);
      result.attention_mask.resize(result.input_ids.size(), 0);
    }
    result.token_type_ids.resize(result.input_ids.size(), 0);
    return result;
  }

 private:
  /// Cleans and folds the text, and cuts it at spaces, punctuation and ideographs.
  static std::vector<std::u32string> split_words(std::string_view text) {
    std::vector<std::u32string> words;
    bool open = false;  // whether the last word may still grow
    auto const single = [&](char32_t code) {
      words.emplace_back(1, code);
      open = false;
    };
    auto const grow = [&](char32_t code) {
      if (unicode::is_punctuation(code)) return single(code);
      if (!open) words.emplace_back();
      open = true;
      words.back().push_back(code);
    };
    while (!text.empty()) {
      char32_t const code = unicode::next(text);
      if (code == 0xFFFD || unicode::in(unicode::controls, code)) continue;
      if (unicode::in(unicode::spaces, code)) {
        open = false;
      } else if (unicode::in(unicode::ideographs, code)) {
        single(code);
      } else {
        unicode::fold(code, grow);
      }
    }
    return words;
  }

  /// Appends the ids of the longest pieces that make up `word`, or [UNK] if none do.
  void append_pieces(std::u32string const& word, std::vector<std::int64_t>& ids) const {
    constexpr std::size_t longest_word = 100;  // BERT's own limit
    std::size_t const before = ids.size();
    std::size_t begin = 0;
    while (begin < word.size() && word.size() <= longest_word) {
      std::string candidate = begin > 0 ? "##" : "";
      std::vector<std::size_t> ends{candidate.size()};
      for (std::size_t i = begin; i < word.size(); ++i) {
        unicode::append(candidate, word[i]);
        ends.push_back(candidate.size());
      }
      std::size_t taken = word.size() - begin;
      auto found = pieces_.end();
      for (; taken > 0; --taken) {
        found = pieces_.find(std::string_view(candidate).substr(0, ends[taken]));
        if (found != pieces_.end()) break;
      }
      if (found == pieces_.end()) break;
      ids.push_back(found->second);
      begin += taken;
    }
    if (begin == word.size()) return;
    ids.resize(before);
    ids.push_back(unknown_);
  }

  struct string_hash : std::hash<std::string_view> {
    using is_transparent = void;  // finds by string_view without making a string
  };

  std::unordered_map<std::string, std::int64_t, string_hash, std::equal_to<>> pieces_;
  std::int64_t padding_ = 0, unknown_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace examples
