// Never built: its compile command tells rules.py the flags of a program that uses the library with every part found.
