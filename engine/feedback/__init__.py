"""What learning reads: the record of one rated deliberation, its files, and outside data in the same form.

record.py                                        one deliberation with its ratings
files.py                                         JSON Lines and Parquet
habermas.py, habermas_rows.py, parquet_tables.py  the human study's published data
"""
