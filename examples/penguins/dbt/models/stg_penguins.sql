{{ config(materialized='view') }}
select * exclude ("Delta 15 N (o/oo)", "Delta 13 C (o/oo)", "Comments") from {{ source('antarctica', 'penguins_raw') }}
